import type { Deps } from "../../deps.ts";
import { type Digest, hmacSha256 } from "../../lib/hash.ts";
import { deriveHmacKey } from "../../lib/key-ring.ts";

/** What tells one caller from another later on, without keeping where they were. */
export const describeCaller = async ({ keys, caller }: Deps): Promise<Digest> =>
  hmacSha256(await deriveHmacKey(keys.current, "caller"), `${caller.network}\n${caller.userAgent ?? ""}`);
