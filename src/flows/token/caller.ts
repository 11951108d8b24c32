import type { Deps } from "../../deps.ts";
import { type Digest, hmacSha256 } from "../../lib/hash.ts";
import { deriveHmacKey } from "../../lib/key-ring.ts";

/** Recognizes a caller later on, without storing where it was. */
export const describeCaller = async ({ keys, caller }: Deps): Promise<Digest> =>
  hmacSha256(await deriveHmacKey(keys.current, "caller"), `${caller.network}\n${caller.userAgent ?? ""}`);
