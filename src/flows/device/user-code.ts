import { type Digest, hmacSha256 } from "../../lib/hash.ts";
import { deriveHmacKey, type ServerKey } from "../../lib/key-ring.ts";

/** Short codes are stored as keyed hashes, since a plain hash could be reversed by trying all codes. */
export const hashUserCode = async (key: ServerKey, userCode: string): Promise<Digest> =>
  hmacSha256(await deriveHmacKey(key, "user code"), userCode);
