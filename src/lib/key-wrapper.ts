import { decode, encode } from "jose/base64url";
import { unavailable } from "./unavailable.ts";

/** A data key as it is stored, wrapped under the key-encryption key of this version. */
export type WrappedKey = { readonly keyVersion: string; readonly wrappedKey: string };

/**
 * Holds the vault's key-encryption key. An external key service can replace this one by implementing these two
 * functions.
 */
export type KeyWrapper = {
  wrap(dataKey: Uint8Array): Promise<WrappedKey>;
  /** Throws `Unavailable` if there is no key of this version, or if the data key wasn't wrapped under it. */
  unwrap(wrapped: WrappedKey): Promise<Uint8Array>;
};

const IV_BYTES = 12;
const encoder = new TextEncoder();
const hkdf = (purpose: string) => ({
  name: "HKDF",
  hash: "SHA-256",
  salt: new Uint8Array(),
  info: encoder.encode(`gatehouse vault ${purpose}`),
});

type VaultKey = { readonly version: string; readonly key: CryptoKey };

/** Wraps with this Worker's secrets, the current one first. Without any, nothing can be wrapped or unwrapped. */
export function createKeyWrapper(secrets: readonly string[]): KeyWrapper {
  const keys = Promise.all(secrets.map(importKey));
  return {
    wrap: async (dataKey) => {
      const [current] = await keys;
      if (!current) throw unavailable("vault", "VAULT_KEY is not set");
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const wrapped = new Uint8Array(
        await crypto.subtle.encrypt({ name: "AES-GCM", iv }, current.key, copyOf(dataKey)),
      );
      return { keyVersion: current.version, wrappedKey: `${encode(iv)}.${encode(wrapped)}` };
    },
    unwrap: async ({ keyVersion, wrappedKey }) => {
      const found = (await keys).find(({ version }) => version === keyVersion);
      if (!found) throw unavailable("vault", `the key of version ${keyVersion} is missing`);
      const [iv = "", wrapped = ""] = wrappedKey.split(".");
      try {
        const algorithm = { name: "AES-GCM", iv: copyOf(decode(iv)) };
        return new Uint8Array(await crypto.subtle.decrypt(algorithm, found.key, copyOf(decode(wrapped))));
      } catch {
        throw unavailable("vault", "a data key does not open");
      }
    },
  };
}

/** The version of a vault key, which reveals nothing about it. */
export const vaultKeyVersion = async (secret: string): Promise<string> => (await importKey(secret)).version;

async function importKey(secret: string): Promise<VaultKey> {
  const master = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
    "deriveBits",
    "deriveKey",
  ]);
  const bits = await crypto.subtle.deriveBits(hkdf("key version"), master, 256);
  const algorithm = { name: "AES-GCM", length: 256 };
  const key = await crypto.subtle.deriveKey(hkdf("data keys"), master, algorithm, false, ["encrypt", "decrypt"]);
  return { version: encode(new Uint8Array(bits)).slice(0, 8), key };
}

/** Copies into a buffer of its own, which WebCrypto's types demand. */
const copyOf = (bytes: Uint8Array) => Uint8Array.from(bytes);
