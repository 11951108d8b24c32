import { OAuthError } from "./errors.ts";

/** The only assertion type there is (RFC 7523 §2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Asymmetric algorithms only: with a symmetric one, whoever can verify can also forge. */
export const ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"];

/**
 * Whether the audience of an assertion is this server, under one of the names that clients use: the issuer, the issuer
 * with a slash, the token endpoint, or the endpoint that was called. It has to be exactly one name, alone or as the
 * only member of an array, because an assertion that is also good elsewhere could be passed on (RFC 7523 §3).
 */
export function isOwnAudience(aud: unknown, { issuer, endpoint }: { issuer: string; endpoint: string }): boolean {
  const [only, ...others] = [aud].flat();
  const names = [issuer, `${issuer}/`, `${issuer}/token`, endpoint];
  return others.length === 0 && typeof only === "string" && names.includes(only);
}

/** Whether a public key (RFC 7517) can sign an assertion with one of the accepted algorithms. */
export function canSignAssertion(key: Readonly<Record<string, unknown>>): boolean {
  const { kty, crv, alg, use } = key;
  if (use !== undefined && use !== "sig") return false;
  const algorithms =
    kty === "RSA"
      ? ["RS256", "PS256"]
      : kty === "EC" && crv === "P-256"
        ? ["ES256"]
        : kty === "OKP" && crv === "Ed25519"
          ? ["EdDSA", "Ed25519"]
          : [];
  return algorithms.length > 0 && (alg === undefined || algorithms.some((algorithm) => algorithm === alg));
}

const MAX_SECONDS_AHEAD = 600;

/** What a verified assertion is used for: its `jti` counts once, until it expires. */
type AssertionClaims = { readonly jti: string; readonly expiresAt: Date };

/**
 * Checks the claims of a client assertion after its signature, `iss`, `sub` and `aud` (RFC 7523 §3). It needs a `jti`,
 * and an `exp` no more than ten minutes ahead.
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
