import { decode, encode } from "jose/base64url";
import type { KeyWrapper, WrappedKey } from "./key-wrapper.ts";
import { unavailable } from "./unavailable.ts";

/** A value as a row stores it, sealed under a data key of its own, which is wrapped. */
export type Sealed = WrappedKey & { readonly sealed: string };

const IV_BYTES = 12;
const encoder = new TextEncoder();

/**
 * Seals a JSON value with AES-256-GCM for one place. The place is authenticated too, so that a value copied from one
 * row to another doesn't open there.
 */
export async function seal(keys: KeyWrapper, place: string, value: unknown): Promise<Sealed> {
  const dataKey = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plaintext = encoder.encode(JSON.stringify(value));
  const ciphertext = await crypto.subtle.encrypt(gcm(iv, place), await importDataKey(dataKey), plaintext);
  return { ...(await keys.wrap(dataKey)), sealed: `${encode(iv)}.${encode(new Uint8Array(ciphertext))}` };
}

/**
 * Opens a value that was sealed for this place. Throws `Unavailable` if it can't, because a key is missing or the row
 * was moved or changed.
 */
export async function open(keys: KeyWrapper, place: string, { sealed, ...wrapped }: Sealed): Promise<unknown> {
  const dataKey = await keys.unwrap(wrapped);
  const [iv = "", ciphertext = ""] = sealed.split(".");
  try {
    const algorithm = gcm(Uint8Array.from(decode(iv)), place);
    const key = await importDataKey(dataKey);
    const plaintext = await crypto.subtle.decrypt(algorithm, key, Uint8Array.from(decode(ciphertext)));
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch {
    throw unavailable("vault", "a row does not open");
  }
}

/** Wraps the same data key under the current vault key. What it seals stays as it is. */
export const rewrap = async (keys: KeyWrapper, wrapped: WrappedKey): Promise<WrappedKey> =>
  keys.wrap(await keys.unwrap(wrapped));

const gcm = (iv: Uint8Array<ArrayBuffer>, place: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: encoder.encode(place),
});

const importDataKey = (dataKey: Uint8Array) =>
  crypto.subtle.importKey("raw", Uint8Array.from(dataKey), "AES-GCM", false, ["encrypt", "decrypt"]);
