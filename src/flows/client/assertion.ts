import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { fetchJson } from "../../lib/safe-fetch.ts";
import { unavailable } from "../../lib/unavailable.ts";
import { ASSERTION_ALGORITHMS, badAssertion, readAssertionClaims } from "../../oauth/client-assertion.ts";
import {
  type ClientKeys,
  claimKeyFetch,
  findClientKeys,
  type JsonWebKeySet,
  updateFetchedKeys,
} from "../../store/client-keys.ts";

/** An assertion whose signature and claims are good; whether its `jti` is, the gate decides. */
export type VerifiedAssertion = { readonly digest: Uint8Array; readonly expiresAt: Date };

const LIMITS = { maxBytes: 64 * 1024, timeoutMs: 5000 };
const FETCH_INTERVAL_SECONDS = 60;

/**
 * Verifies a client assertion (RFC 7523 §3): from the client about itself, for this issuer, signed with one of its keys.
 * A `kid` that is not among the fetched keys has them fetched anew, at most once a minute.
 */
export async function verifyAssertion(deps: Deps, clientId: string, assertion: string): Promise<VerifiedAssertion> {
  const keys = await findClientKeys(deps.db, clientId);
  if (!keys) throw badAssertion("Client authentication failed.");
  const claims =
    (keys.jwks && (await verify(deps, clientId, assertion, keys.jwks))) ??
    (await verifyWithFreshKeys(deps, clientId, assertion, keys));
  const { jti, expiresAt } = readAssertionClaims(claims, deps.now());
  return { digest: await sha256(`${clientId}\n${jti}`), expiresAt };
}

async function verifyWithFreshKeys(
  deps: Deps,
  clientId: string,
  assertion: string,
  { jwks, jwksUri }: ClientKeys,
): Promise<JWTPayload> {
  const mayFetch = jwksUri !== null && (await claimKeyFetch(deps.db, clientId, FETCH_INTERVAL_SECONDS, deps.now()));
  if (!mayFetch && jwks) throw unknownKey();
  const fresh = mayFetch ? await fetchKeys(deps, clientId, jwksUri) : null;
  // Keys that can't be fetched are an outage, not the client's fault.
  if (!fresh) throw unavailable("client_keys");
  const claims = await verify(deps, clientId, assertion, fresh);
  if (!claims) throw unknownKey();
  return claims;
}

const unknownKey = () => badAssertion("The client assertion is signed with an unknown key.");

/** The claims, or null if no key fits. */
async function verify(
  { config, now }: Deps,
  clientId: string,
  assertion: string,
  jwks: JsonWebKeySet,
): Promise<JWTPayload | null> {
  const audience = [config.issuer, ...(config.assertionAudienceTokenEndpoint ? [`${config.issuer}/token`] : [])];
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(jwks as never), {
      issuer: clientId,
      subject: clientId,
      algorithms: ASSERTION_ALGORITHMS,
      clockTolerance: 30,
      currentDate: now(),
    });
    // One audience and no other: an assertion that is good elsewhere too could be passed on (rfc7523bis §4).
    const [only, ...others] = [payload.aud].flat();
    if (only === undefined || others.length > 0 || !audience.includes(only)) {
      throw badAssertion("The aud of the client assertion has to be the issuer.");
    }
    return payload;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return null;
    if (error instanceof errors.JOSEError) throw badAssertion(`The client assertion is not valid: ${error.code}.`);
    throw error;
  }
}

async function fetchKeys(deps: Deps, clientId: string, jwksUri: string): Promise<JsonWebKeySet | null> {
  const fetched = await fetchJson(deps.fetch, jwksUri, LIMITS);
  const jwks = fetched.ok ? readKeySet(fetched.json) : null;
  if (jwks) await updateFetchedKeys(deps.db, clientId, jwksUri, jwks);
  else deps.log({ level: "warn", event: "client_keys_failed", host: new URL(jwksUri).host });
  return jwks;
}

function readKeySet(json: unknown): JsonWebKeySet | null {
  const { keys } = (json ?? {}) as { keys?: unknown };
  return Array.isArray(keys) && keys.length <= 50 && keys.every((key) => typeof key === "object" && key !== null)
    ? { keys }
    : null;
}
