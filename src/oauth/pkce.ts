import { encode } from "jose/base64url";
import { sha256 } from "../lib/hash.ts";

/** Whether a string can be an S256 challenge: 43 base64url characters (RFC 7636 §4.2). */
export const isCodeChallenge = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** Whether a string can be a verifier: 43 to 128 unreserved characters (RFC 7636 §4.1). */
export const isCodeVerifier = (text: string): boolean => /^[\w.~-]{43,128}$/.test(text);

/** The S256 challenge of a verifier (RFC 7636 §4.2). */
export const codeChallengeOf = async (verifier: string): Promise<string> => encode(await sha256(verifier));
