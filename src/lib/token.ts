import { encode } from "jose/base64url";
import { hmacSha256 } from "./hash.ts";
import { deriveHmacKey, type KeyRing, NO_KEY, type ServerKey } from "./key-ring.ts";
import { randomBase64url } from "./random.ts";

/** `<prefix>_<43 base64url characters, 256 random bits><key id><6 characters of check>`; unreserved characters only. */
export type Token = {
  readonly prefix: string;
  readonly value: string;
  readonly keyId: string;
  readonly check: string;
};

const TOKEN = /^([a-z]+)_([\w-]{43})([\w-])([\w-]{6})$/;
const CHECK_LENGTH = 6;

export const formatToken = ({ prefix, value, keyId, check }: Token): string => `${prefix}_${value}${keyId}${check}`;

/** The parts of a token, or null for a string of another shape. */
export function parseToken(text: string): Token | null {
  const [, prefix, value, keyId, check] = TOKEN.exec(text) ?? [];
  return prefix && value && keyId && check ? { prefix, value, keyId, check } : null;
}

/** A fresh token. Without keys its check is random and only the database can tell it from a guess. */
export async function mintToken(keys: KeyRing | null, prefix: string): Promise<string> {
  const value = randomBase64url();
  if (!keys) return formatToken({ prefix, value, keyId: NO_KEY, check: randomBase64url(6).slice(0, CHECK_LENGTH) });
  return formatToken({ prefix, value, keyId: keys.current.id, check: await checkOf(keys.current, prefix, value) });
}

/**
 * Whether a string may be a token of ours: of this kind, and with the right check if we know its key.
 * It spares the database a look-up for garbage and proves nothing, so comparing the check may take uneven time.
 */
export async function isPlausibleToken(keys: KeyRing, prefix: string, text: string): Promise<boolean> {
  const token = parseToken(text);
  if (token?.prefix !== prefix) return false;
  const key = keys.all.find((candidate) => candidate.id === token.keyId);
  return !key || token.check === (await checkOf(key, prefix, token.value));
}

async function checkOf(key: ServerKey, prefix: string, value: string): Promise<string> {
  const mac = await hmacSha256(await deriveHmacKey(key, "token check"), `${prefix}_${value}`);
  return encode(mac).slice(0, CHECK_LENGTH);
}
