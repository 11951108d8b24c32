import { OAuthError } from "./errors.ts";

/** The one assertion type there is (RFC 7523 §2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Asymmetric ones only: with a symmetric one, who can verify can forge. */
export const ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];

const MAX_SECONDS_AHEAD = 600;

/** What a verified assertion is used for: `jti` once, until it expires. */
export type AssertionClaims = { readonly jti: string; readonly expiresAt: Date };

/**
 * Checks the claims of a client assertion whose signature, `iss`, `sub` and `aud` have been verified (RFC 7523 §3): it has
 * a `jti`, and an `exp` that is no more than ten minutes ahead.
 */
export function readAssertionClaims(
  claims: { readonly jti?: unknown; readonly exp?: unknown },
  now: Date,
): AssertionClaims {
  const { jti, exp } = claims;
  if (typeof jti !== "string" || jti === "" || jti.length > 256) throw badAssertion("The client assertion has no jti.");
  if (typeof exp !== "number") throw badAssertion("The client assertion has no exp.");
  if (exp > now.getTime() / 1000 + MAX_SECONDS_AHEAD)
    throw badAssertion("The exp of the client assertion is too far ahead.");
  return { jti, expiresAt: new Date(exp * 1000) };
}

export const badAssertion = (description: string) =>
  new OAuthError("invalid_client", description, { status: 401, reason: "bad_credential", challenge: "Basic" });
