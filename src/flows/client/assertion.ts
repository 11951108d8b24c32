import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { fetchJson } from "../../lib/safe-fetch.ts";
import { unavailable } from "../../lib/unavailable.ts";
import {
  ASSERTION_ALGORITHMS,
  badAssertion,
  isOwnAudience,
  readAssertionClaims,
} from "../../oauth/client-assertion.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { OAuthError } from "../../oauth/errors.ts";
import {
  type ClientKeys,
  claimKeyFetch,
  findClientKeys,
  type JsonWebKeySet,
  updateFetchedKeys,
} from "../../store/client-keys.ts";

/** An assertion whose signature and claims are good. The gate decides whether its `jti` is. */
export type VerifiedAssertion = { readonly digest: Uint8Array; readonly expiresAt: Date };

/** An assertion as it was sent. */
type Asserted = Extract<ClientAuthentication, { method: "private_key_jwt" }>;

const LIMITS = { maxBytes: 64 * 1024, timeoutMs: 5000 };
const FETCH_INTERVAL_SECONDS = 60;
const CLOCK_SKEW_SECONDS = 30;
/** How long fetched keys are trusted. A key that its client has withdrawn stops working after this. */
const FETCHED_KEYS_SECONDS = 24 * 60 * 60;

/**
 * Verifies a client assertion (RFC 7523 §3): from the client about itself, for this issuer, signed with one of its
 * keys. A `kid` that isn't among the fetched keys makes the server fetch them again, at most once a minute.
 */
export async function verifyAssertion(deps: Deps, asserted: Asserted): Promise<VerifiedAssertion> {
  const { clientId } = asserted;
  // An assertion that no key could make good costs nothing, and causes no fetch.
  assertClaims(deps, asserted);
  const keys = await findClientKeys(deps.db, clientId, FETCHED_KEYS_SECONDS, deps.now());
  if (!keys) throw badAssertion("Client authentication failed.");
  const jwks = keys.outdated ? await renewKeys(deps, clientId, keys) : keys.jwks;
  const claims = (jwks && (await verify(deps, asserted, jwks))) ?? (await verifyWithFreshKeys(deps, asserted, keys));
  const { jti, expiresAt } = readAssertionClaims(claims, deps.now());
  return { digest: await sha256(`${clientId}\n${jti}`), expiresAt };
}

/** The keys, fetched again, or during an outage the old ones. */
async function renewKeys(deps: Deps, clientId: string, { jwks, jwksUri }: ClientKeys): Promise<JsonWebKeySet | null> {
  const mayFetch = jwksUri !== null && (await claimKeyFetch(deps.db, clientId, FETCH_INTERVAL_SECONDS, deps.now()));
  return (mayFetch ? await fetchKeys(deps, clientId, jwksUri) : null) ?? jwks;
}

async function verifyWithFreshKeys(deps: Deps, asserted: Asserted, { jwks, jwksUri }: ClientKeys): Promise<JWTPayload> {
  const { clientId } = asserted;
  const mayFetch = jwksUri !== null && (await claimKeyFetch(deps.db, clientId, FETCH_INTERVAL_SECONDS, deps.now()));
  if (!mayFetch && jwks) throw unknownKey();
  const fresh = mayFetch ? await fetchKeys(deps, clientId, jwksUri) : null;
  // If keys can't be fetched, that is an outage and not the client's fault.
  if (!fresh) throw unavailable("client_keys");
  const claims = await verify(deps, asserted, fresh);
  if (!claims) throw unknownKey();
  return claims;
}

const unknownKey = () => badAssertion("The client assertion is signed with an unknown key.");

/** Throws for faults that an assertion shows by itself, before its signature is verified. */
function assertClaims(deps: Deps, asserted: Asserted): void {
  const { clientId, assertion } = asserted;
  try {
    const { alg } = decodeProtectedHeader(assertion);
    const { iss, sub, aud, jti, exp } = decodeJwt(assertion);
    if (!ASSERTION_ALGORITHMS.includes(alg ?? ""))
      throw badAssertion("The alg of the client assertion is not supported.");
    if (iss !== clientId || sub !== clientId) throw badAssertion("The iss and sub of the client assertion differ.");
    assertAudience(deps, asserted, aud);
    const { expiresAt } = readAssertionClaims({ jti, exp }, deps.now());
    if (expiresAt.getTime() < deps.now().getTime() - CLOCK_SKEW_SECONDS * 1000)
      throw badAssertion("The client assertion has expired.");
  } catch (error) {
    throw error instanceof OAuthError ? error : badAssertion("The client assertion is not a JWT.");
  }
}

function assertAudience({ config: { issuer } }: Deps, { endpoint }: Asserted, aud: JWTPayload["aud"]): void {
  if (!isOwnAudience(aud, { issuer, endpoint })) {
    throw badAssertion("The aud of the client assertion has to be the issuer or the token endpoint, and nothing else.");
  }
}

/** Ed25519 keys without their `alg`, since EdDSA and Ed25519 (RFC 9864 §2.2) name the same signature. */
const underBothNames = ({ keys }: JsonWebKeySet) => ({
  keys: keys.map(({ alg, ...key }) => (key["crv"] === "Ed25519" ? key : { alg, ...key })),
});

/** The claims, or null if no key fits. */
async function verify(deps: Deps, asserted: Asserted, jwks: JsonWebKeySet): Promise<JWTPayload | null> {
  const { clientId, assertion } = asserted;
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(underBothNames(jwks) as never), {
      issuer: clientId,
      subject: clientId,
      algorithms: ASSERTION_ALGORITHMS,
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: deps.now(),
    });
    assertAudience(deps, asserted, payload.aud);
    return payload;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return null;
    if (error instanceof OAuthError) throw error;
    // A malformed key makes the import fail, with one error or another.
    const code = error instanceof errors.JOSEError ? error.code : "ERR_JWK_INVALID";
    throw badAssertion(`The client assertion is not valid: ${code}.`);
  }
}

async function fetchKeys(deps: Deps, clientId: string, jwksUri: string): Promise<JsonWebKeySet | null> {
  const fetched = await fetchJson(deps.fetch, jwksUri, LIMITS);
  const jwks = fetched.ok ? readKeySet(fetched.json) : null;
  if (jwks) await updateFetchedKeys(deps.db, clientId, { jwksUri, jwks }, deps.now());
  else deps.log({ level: "warn", event: "client_keys_failed", host: new URL(jwksUri).host });
  return jwks;
}

function readKeySet(json: unknown): JsonWebKeySet | null {
  const { keys } = (json ?? {}) as { keys?: unknown };
  return Array.isArray(keys) && keys.length <= 50 && keys.every((key) => typeof key === "object" && key !== null)
    ? { keys }
    : null;
}
