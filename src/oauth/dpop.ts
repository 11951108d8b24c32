import { OAuthError } from "./errors.ts";

/** Asymmetric algorithms that every supported runtime has. The middleware has the same list (RFC 9449 §5.1). */
export const DPOP_ALGORITHMS = ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"];

/**
 * How far a client's clock may be off. Its proof also has a nonce of ours, which says when it was made (RFC 9449
 * §11.1).
 */
const CLOCK_SKEW_SECONDS = 300;
const MAX_PROOF_LENGTH = 8192;

/** The thumbprint of a key (RFC 7638), as `dpop_jkt` carries it (RFC 9449 §10). */
export const isThumbprint = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** Whether a `DPoP` header can hold a proof, which is one JWT. Two headers arrive as one with a comma. */
export const isProof = (header: string): boolean =>
  header.length <= MAX_PROOF_LENGTH && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(header);

/** The claims of a proof whose signature is good. */
type ProofClaims = { readonly jti: string; readonly nonce: string | null; readonly expiresAt: Date };

/** Checks what a proof says about a request (RFC 9449 §4.3), apart from the signature and the nonce. */
export function readProofClaims(
  claims: Readonly<Record<string, unknown>>,
  { method, uri, now }: { readonly method: string; readonly uri: string; readonly now: Date },
): ProofClaims {
  const { jti, htm, htu, iat, nonce } = claims;
  if (typeof jti !== "string" || jti === "" || jti.length > 256) throw badProof("The DPoP proof has no jti.");
  if (htm !== method) throw badProof("The htm of the DPoP proof is not the method of this request.");
  if (typeof htu !== "string" || normalizeUri(htu) !== normalizeUri(uri)) {
    throw badProof("The htu of the DPoP proof is not the URI of this request.");
  }
  const seconds = now.getTime() / 1000;
  if (typeof iat !== "number" || Math.abs(seconds - iat) > CLOCK_SKEW_SECONDS) {
    throw badProof("The iat of the DPoP proof is more than five minutes off.");
  }
  // From then on its iat is too old, so the jti needn't be remembered any longer.
  const expiresAt = new Date((iat + CLOCK_SKEW_SECONDS + 1) * 1000);
  return { jti, nonce: typeof nonce === "string" ? nonce : null, expiresAt };
}

/**
 * Normalizes a URI for comparison (RFC 9449 §4.3): by its syntax (RFC 3986 §6.2.2, §6.2.3), without query and fragment.
 * Null if it isn't a URI.
 */
function normalizeUri(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, host, pathname, username, password } = new URL(text);
  if (username || password) return null;
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : encoded.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
}

/** The error for a proof that isn't acceptable (RFC 9449 §5). */
export const badProof = (description: string) => new OAuthError("invalid_dpop_proof", description, { reason: "proof" });

/** The error for a proof whose nonce isn't ours or is too old. The answer carries a good one (RFC 9449 §8). */
export const nonceNeeded = () =>
  new OAuthError("use_dpop_nonce", "Sign the DPoP proof with the nonce of this answer.", { reason: "proof" });
