import { encode } from "jose/base64url";
import { hmacSha256 } from "./hash.ts";
import { deriveHmacKey, type KeyRing, type ServerKey } from "./key-ring.ts";

/** How long a nonce is good. Clients keep the last one and get a new one with each answer. */
const GOOD_SECONDS = 300;
const CLOCK_SKEW_SECONDS = 30;

/**
 * Makes a nonce for DPoP proofs (RFC 9449 §8): the time, authenticated under the server's key, so that nothing has to
 * be stored.
 */
export async function mintNonce({ current }: KeyRing, now: Date): Promise<string> {
  const madeAt = Math.floor(now.getTime() / 1000).toString(36);
  return `${madeAt}.${await macOf(current, madeAt)}`;
}

/** Whether a nonce is ours and recent. */
export async function isGoodNonce({ all }: KeyRing, nonce: string, now: Date): Promise<boolean> {
  const [, madeAt, mac] = /^([a-z0-9]{1,10})\.([\w-]{43})$/.exec(nonce) ?? [];
  if (madeAt === undefined || mac === undefined) return false;
  const age = now.getTime() / 1000 - Number.parseInt(madeAt, 36);
  if (age > GOOD_SECONDS || age < -CLOCK_SKEW_SECONDS) return false;
  return (await Promise.all(all.map((key) => macOf(key, madeAt)))).includes(mac);
}

const macOf = async (key: ServerKey, madeAt: string): Promise<string> =>
  encode(await hmacSha256(await deriveHmacKey(key, "DPoP nonce"), madeAt));
