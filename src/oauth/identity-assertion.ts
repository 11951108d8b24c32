import { badGrant, isName, readJti, readLifetime, singleAudience } from "./assertion-grant.ts";
import { isThumbprint } from "./dpop.ts";
import { canonicalResource } from "./resource.ts";
import { namedScopes } from "./scope.ts";

/** The claims of an identity assertion whose signature is good. */
type IdentityClaims = {
  readonly jti: string;
  readonly expiresAt: Date;
  /** Unique at its issuer, with the tenant before it where there are many. */
  readonly subject: string;
  /** Only if it is verified. In lower case. */
  readonly email: string | null;
  /** The key that has to be proven with it (RFC 9449 §6.1). */
  readonly boundJkt: string | null;
  /** The resources (canonical) and scopes that it is for. Null if it doesn't say. */
  readonly resources: readonly string[] | null;
  readonly scopes: readonly string[] | null;
};

/** An hour, since it is redeemed at once, and has to be remembered until it expires. */
const MAX_SECONDS = 3600;
const MOST_RESOURCES = 20;

/**
 * Checks the claims of an identity assertion (draft-ietf-oauth-identity-assertion-authz-grant §4.4.1): for this server alone, for this
 * client, of the tenant that is trusted, good now, and with a `jti`. What it limits and this server doesn't know is refused, not left out.
 */
export function readIdentityClaims(
  claims: Readonly<Record<string, unknown>>,
  expected: { readonly issuer: string; readonly clientId: string; readonly tenant: string | null; readonly now: Date },
): IdentityClaims {
  const { sub, client_id, tenant, authorization_details: details } = claims;
  const audience = singleAudience(claims["aud"]);
  if (audience !== expected.issuer && audience !== `${expected.issuer}/`) {
    throw badGrant("The aud of the assertion has to be the issuer of this server, and nothing else.");
  }
  if (client_id !== expected.clientId) throw badGrant("The assertion was issued to another client.");
  const expiresAt = readLifetime(claims, expected.now, MAX_SECONDS);
  const jti = readJti(claims);
  if (jti === null) throw badGrant("The assertion has no jti.");
  if (!isName(sub)) throw badGrant("The assertion has no sub.");
  // An issuer of many tenants signs for all of them with one key.
  if ((tenant ?? null) !== expected.tenant) throw badGrant("The assertion is of another tenant.");
  if (Array.isArray(details) ? details.length > 0 : details !== undefined) {
    throw badGrant("The assertion has authorization_details, which this server does not know.");
  }
  return {
    jti,
    expiresAt,
    subject: expected.tenant === null ? sub : `${expected.tenant}\n${sub}`,
    email: readVerifiedEmail(claims),
    boundJkt: readBoundKey(claims["cnf"]),
    resources: readResources(claims["resource"]),
    scopes: readScopes(claims["scope"]),
  };
}

/** An address counts only where the issuer says that it was verified. */
function readVerifiedEmail({ email, email_verified }: Readonly<Record<string, unknown>>): string | null {
  if (email_verified !== true || !isName(email)) return null;
  return /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]+$/u.test(email) ? email.toLowerCase() : null;
}

function readBoundKey(cnf: unknown): string | null {
  if (cnf === undefined) return null;
  const { jkt, ...others } = (cnf ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof jkt !== "string" || !isThumbprint(jkt) || Object.keys(others).length > 0) {
    throw badGrant("The assertion is bound to a key in a way that this server does not know.");
  }
  return jkt;
}

function readResources(resource: unknown): string[] | null {
  if (resource === undefined) return null;
  const named = [resource].flat();
  const canonical = named.map((each) => (typeof each === "string" ? canonicalResource(each) : null));
  const resources = canonical.filter((each) => each !== null);
  if (resources.length < canonical.length || resources.length === 0 || resources.length > MOST_RESOURCES) {
    throw badGrant("The resource of the assertion names no resource of this server.", "resource");
  }
  return [...new Set(resources)];
}

/** A claim that is present limits the tokens, even if it names nothing that is known here. */
function readScopes(scope: unknown): readonly string[] | null {
  if (scope === undefined) return null;
  const text = [scope].flat();
  if (!text.every((each) => typeof each === "string")) throw badGrant("The scope of the assertion is malformed.");
  return namedScopes(text.join(" ")) ?? [];
}
