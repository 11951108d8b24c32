import { encode } from "jose/base64url";

/** One server secret. `id` is a single base64url character that tokens and envelopes carry, so that keys can rotate. */
export type ServerKey = { readonly id: string; readonly secret: CryptoKey };

/** The key that makes new values, and every key whose values are still honoured (the current one first). */
export type KeyRing = { readonly current: ServerKey; readonly all: readonly ServerKey[] };

const encoder = new TextEncoder();

/** The key id of a token that was minted without a server key (by a CLI that only has DATABASE_URL). */
export const NO_KEY = "-";

/**
 * Reads server secrets into keys, the current one first.
 * Throws when two of them got the same id: the values of one would be taken for forgeries of the other.
 */
export async function createKeyRing(secrets: readonly [string, ...string[]]): Promise<KeyRing> {
  const [current, ...previous] = await Promise.all([importKey(secrets[0]), ...secrets.slice(1).map(importKey)]);
  const all = [current, ...previous];
  if (new Set(all.map((key) => key.id)).size < all.length) throw new Error("two server keys share a key id");
  return { current, all };
}

async function importKey(secret: string): Promise<ServerKey> {
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveBits", "deriveKey"]);
  const bits = await crypto.subtle.deriveBits(hkdf("key id", ""), key, 256);
  const id = [...encode(new Uint8Array(bits))].find((character) => character !== NO_KEY);
  if (id === undefined) throw new Error("no key id");
  return { id, secret: key };
}

const hkdf = (purpose: string, context: string) => ({
  name: "HKDF",
  hash: "SHA-256",
  salt: encoder.encode(context),
  info: encoder.encode(`gatehouse ${purpose}`),
});

const hmacKeys = new WeakMap<ServerKey, Map<string, CryptoKey>>();

/** The HMAC-SHA-256 key for one purpose (RFC 5869); kept, since every token check asks for it. */
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

/** The AES-256-GCM key for one purpose and context: a value sealed under one context can't be opened under another. */
export const deriveAesKey = (key: ServerKey, purpose: string, context: string): Promise<CryptoKey> =>
  crypto.subtle.deriveKey(hkdf(purpose, context), key.secret, { name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
