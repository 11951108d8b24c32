import { decode, encode } from "jose/base64url";
import { deriveAesKey, type KeyRing, type ServerKey } from "./key-ring.ts";

const IV_BYTES = 12;

/**
 * What an envelope is for and bound to. It opens only for the same purpose and context (a session's token, say, or the
 * refresh token that was presented).
 */
type EnvelopeUse = { readonly purpose: string; readonly context: string };

/** Seals a JSON value with AES-256-GCM: `<first character of the key id><base64url of iv and ciphertext>`. */
export async function sealEnvelope(keys: KeyRing, use: EnvelopeUse, value: unknown): Promise<string> {
  const key = await deriveAesKey(keys.current, use.purpose, use.context);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plaintext = new TextEncoder().encode(JSON.stringify(value));
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plaintext));
  const sealed = new Uint8Array(IV_BYTES + ciphertext.length);
  sealed.set(iv);
  sealed.set(ciphertext, IV_BYTES);
  return keys.current.id.charAt(0) + encode(sealed);
}

/** Opens an envelope that this server sealed for the same use. Null for anything else. */
export async function openEnvelope(keys: KeyRing, use: EnvelopeUse, envelope: string): Promise<unknown> {
  for (const key of keys.all.filter(({ id }) => id.charAt(0) === envelope.charAt(0))) {
    const value = await openWith(key, use, envelope);
    if (value !== null) return value;
  }
  return null;
}

async function openWith(key: ServerKey, use: EnvelopeUse, envelope: string): Promise<unknown> {
  try {
    const sealed = decode(envelope.slice(1));
    const algorithm = { name: "AES-GCM", iv: sealed.subarray(0, IV_BYTES) };
    const aesKey = await deriveAesKey(key, use.purpose, use.context);
    const plaintext = await crypto.subtle.decrypt(algorithm, aesKey, sealed.subarray(IV_BYTES));
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch {
    // The caller needn't know whether it wasn't base64url, was too short, or was sealed by somebody else.
    return null;
  }
}
