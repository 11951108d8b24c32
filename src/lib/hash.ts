/** A SHA-256 digest of 32 bytes, which the database stores instead of a secret. */
export type Digest = Uint8Array;

const encoder = new TextEncoder();

export const sha256 = async (text: string): Promise<Digest> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));

export const hmacSha256 = async (key: CryptoKey, text: string): Promise<Digest> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
