import { encode } from "jose/base64url";

/** `bytes` random bytes as base64url. 32 bytes make the 43 characters of a token. */
export const randomBase64url = (bytes = 32): string => encode(crypto.getRandomValues(new Uint8Array(bytes)));
