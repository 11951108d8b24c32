import { OAuthError } from "./errors.ts";

/** What an identity provider's assertion about a person is (draft-ietf-oauth-identity-assertion-authz-grant §3). */
export const ID_JAG_TYPE = "oauth-id-jag+jwt";
export const ID_JAG_PROFILE = "urn:ietf:params:oauth:grant-profile:id-jag";

/** Asymmetric algorithms only: with a symmetric one, anybody who knows a public key could sign. */
export const ISSUER_ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

const CLOCK_SKEW_SECONDS = 30;

export const badGrant = (description: string, reason: OAuthError["reason"] = "assertion") =>
  new OAuthError("invalid_grant", description, { reason });

/** The `typ` of a header in lower case, without its optional prefix (RFC 7515 §4.1.9). Null if there is none. */
export const typeOf = (typ: unknown): string | null =>
  typ === undefined
    ? null
    : String(typ)
        .toLowerCase()
        .replace(/^application\//, "");

type Claims = Readonly<Record<string, unknown>>;

/** An audience that is one name, alone or in an array: a token that is good elsewhere too could be passed on (RFC 7523 §3). */
export function singleAudience(aud: unknown): string | null {
  const [only, ...others] = [aud].flat();
  return others.length === 0 && typeof only === "string" ? only : null;
}

/**
 * When an assertion expires. Throws for one that isn't good now (RFC 7523 §3), that was issued in the future, or whose
 * lifetime is too long.
 */
export function readLifetime(claims: Claims, now: Date, maxSeconds: number): Date {
  const { exp, iat, nbf } = claims;
  const seconds = now.getTime() / 1000;
  if (typeof exp !== "number") throw badGrant("The assertion has no exp.");
  if (typeof iat !== "number") throw badGrant("The assertion has no iat.");
  if (exp <= seconds - CLOCK_SKEW_SECONDS) throw badGrant("The assertion has expired.");
  if (exp > seconds + maxSeconds + CLOCK_SKEW_SECONDS) throw badGrant("The exp of the assertion is too far ahead.");
  const begins = Math.max(iat, typeof nbf === "number" ? nbf : iat);
  if (begins > seconds + CLOCK_SKEW_SECONDS) throw badGrant("The assertion is from the future.");
  // The last second until which a slow clock accepts it.
  return new Date((exp + CLOCK_SKEW_SECONDS) * 1000);
}

/** The `jti` of an assertion. Null if there is none. */
export function readJti({ jti }: Claims): string | null {
  if (jti === undefined) return null;
  if (!isName(jti)) throw badGrant("The jti of the assertion won't do.");
  return jti;
}

/** Text that can be stored and compared. */
export const isName = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= 255 && value.isWellFormed() && !value.includes("\0");
