import { type Digest, hmacSha256 } from "../../lib/hash.ts";
import { deriveHmacKey, type ServerKey } from "../../lib/key-ring.ts";

/** Short codes are kept as keyed hashes: a plain one could be found by trying them all. */
export const hashUserCode = async (key: ServerKey, userCode: string): Promise<Digest> =>
  hmacSha256(await deriveHmacKey(key, "user code"), userCode);
