import { encode } from "jose/base64url";
import { hmacSha256 } from "./hash.ts";
import { deriveHmacKey, type KeyRing, NO_KEY, type ServerKey } from "./key-ring.ts";
import { randomBase64url } from "./random.ts";

/**
 * `<prefix>_<43 base64url characters, 256 random bits><key id><6 characters of check>`, in unreserved characters only.
 * Tokens from before 0.2.0 have a key id of one character.
 */
export type Token = {
  readonly prefix: string;
  readonly value: string;
  readonly keyId: string;
  readonly check: string;
};

const TOKEN = /^([a-z]+)_([\w-]{43})([\w-]{4}|[\w-])([\w-]{6})$/;
const CHECK_LENGTH = 6;

export const formatToken = ({ prefix, value, keyId, check }: Token): string => `${prefix}_${value}${keyId}${check}`;

/** The parts of a token, or null for a string of another shape. */
export function parseToken(text: string): Token | null {
  const [, prefix, value, keyId, check] = TOKEN.exec(text) ?? [];
  return prefix && value && keyId && check ? { prefix, value, keyId, check } : null;
}

/** Makes a token. Without keys its check is random, and only the database can tell it from a guess. */
export async function mintToken(keys: KeyRing | null, prefix: string): Promise<string> {
  const value = randomBase64url();
  if (!keys) return formatToken({ prefix, value, keyId: NO_KEY, check: randomBase64url(6).slice(0, CHECK_LENGTH) });
  return formatToken({ prefix, value, keyId: keys.current.id, check: await checkOf(keys.current, prefix, value) });
}

/**
 * Whether a string may be a token of ours: it is of this kind, and its check is right if we know the key that made it.
 * This spares the database look-ups of garbage and proves nothing, so the comparison needn't take constant time.
 *
 * A key id of one character doesn't say which key made a token: one in 63 rotations gives the new key the same id, and
 * then all tokens of the retired key would be refused. So the database judges those.
 */
export async function isPlausibleToken(keys: KeyRing, prefix: string, text: string): Promise<boolean> {
  const token = parseToken(text);
  if (token?.prefix !== prefix) return false;
  const makers = keys.all.filter((key) => key.id === token.keyId);
  if (makers.length === 0) return true;
  const checks = await Promise.all(makers.map((key) => checkOf(key, prefix, token.value)));
  return checks.includes(token.check);
}

async function checkOf(key: ServerKey, prefix: string, value: string): Promise<string> {
  const mac = await hmacSha256(await deriveHmacKey(key, "token check"), `${prefix}_${value}`);
  return encode(mac).slice(0, CHECK_LENGTH);
}
