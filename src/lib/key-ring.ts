import { encode } from "jose/base64url";

/**
 * One server secret. Tokens carry its `id` of four base64url characters, so that keys can rotate. Envelopes carry the
 * first character. Two keys may share that one, and once in 16 million rotations all four.
 */
export type ServerKey = { readonly id: string; readonly secret: CryptoKey };

/** The key that makes new values, and all keys whose values are still honoured (the current one first). */
export type KeyRing = { readonly current: ServerKey; readonly all: readonly ServerKey[] };

const encoder = new TextEncoder();

/** The key id of a token that was minted without a server key (by a CLI that only has DATABASE_URL). */
export const NO_KEY = "----";

const ID_LENGTH = 4;

/** Reads server secrets into keys, the current one first. */
export async function createKeyRing(secrets: readonly [string, ...string[]]): Promise<KeyRing> {
  const [current, ...previous] = await Promise.all([importKey(secrets[0]), ...secrets.slice(1).map(importKey)]);
  return { current, all: [current, ...previous] };
}

async function importKey(secret: string): Promise<ServerKey> {
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveBits", "deriveKey"]);
  const bits = await crypto.subtle.deriveBits(hkdf("key id", ""), key, 256);
  const id = encode(new Uint8Array(bits)).replace(/^-+/, "").slice(0, ID_LENGTH);
  return { id, secret: key };
}

const hkdf = (purpose: string, context: string) => ({
  name: "HKDF",
  hash: "SHA-256",
  salt: encoder.encode(context),
  info: encoder.encode(`gatehouse ${purpose}`),
});

const hmacKeys = new WeakMap<ServerKey, Map<string, CryptoKey>>();

/** The HMAC-SHA-256 key for one purpose (RFC 5869). It is cached because every token check needs it. */
export async function deriveHmacKey(key: ServerKey, purpose: string): Promise<CryptoKey> {
  const kept = hmacKeys.get(key) ?? new Map<string, CryptoKey>();
  hmacKeys.set(key, kept);
  const found = kept.get(purpose);
  if (found) return found;
  const algorithm = { name: "HMAC", hash: "SHA-256", length: 256 };
  const derived = await crypto.subtle.deriveKey(hkdf(purpose, ""), key.secret, algorithm, false, ["sign"]);
  kept.set(purpose, derived);
  return derived;
}

/** The AES-256-GCM key for one purpose and context. A value sealed for one context can't be opened for another. */
export const deriveAesKey = (key: ServerKey, purpose: string, context: string): Promise<CryptoKey> =>
  crypto.subtle.deriveKey(hkdf(purpose, context), key.secret, { name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
