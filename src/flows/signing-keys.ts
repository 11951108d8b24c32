import { createLocalJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Deps } from "../deps.ts";
import { fetchJson } from "../lib/safe-fetch.ts";
import type { OAuthError } from "../oauth/errors.ts";
import type { JsonWebKeySet, SigningKeys } from "../store/client-keys.ts";

const LIMITS = { maxBytes: 64 * 1024, timeoutMs: 5000 };
export const FETCH_INTERVAL_SECONDS = 60;
export const CLOCK_SKEW_SECONDS = 30;
/** How long fetched keys are trusted. A key that its signer has withdrawn stops working after this. */
export const FETCHED_KEYS_SECONDS = 24 * 60 * 60;

/** Somebody whose signatures are accepted: a client that authenticates with keys, or a trusted issuer. */
type Signer = {
  readonly keys: SigningKeys;
  /** Claims the right to fetch the keys again, once an interval. */
  readonly claimFetch: () => Promise<boolean>;
  readonly keepKeys: (fetched: { readonly jwksUri: string; readonly jwks: JsonWebKeySet }) => Promise<void>;
  /** How a signature is refused, with what is wrong with it. */
  readonly refuse: (problem: string) => OAuthError;
  /** The error if the keys can't be fetched, which is an outage and nobody's fault. */
  readonly keysMissing: () => Error;
};

/**
 * The claims of a JWT that its signer has signed (RFC 7519 §7.2). A `kid` that isn't among the fetched keys makes the
 * server fetch them again, at most once a minute.
 */
export async function verifySigned(
  deps: Deps,
  signer: Signer,
  jwt: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  const { keys } = signer;
  const jwks = keys.outdated ? await renewKeys(deps, signer) : keys.jwks;
  return (
    (jwks && (await verify(deps, signer, jwt, jwks, options))) ??
    (await verifyWithFreshKeys(deps, signer, jwt, options))
  );
}

/** The keys, fetched again, or during an outage the old ones. */
const renewKeys = async (deps: Deps, signer: Signer): Promise<JsonWebKeySet | null> =>
  (await fetchKeys(deps, signer)) ?? signer.keys.jwks;

async function verifyWithFreshKeys(
  deps: Deps,
  signer: Signer,
  jwt: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  const mayFetch = signer.keys.jwksUri !== null && (await signer.claimFetch());
  if (!mayFetch && signer.keys.jwks) throw signer.refuse("is signed with an unknown key");
  const fresh = mayFetch ? await download(deps, signer, signer.keys.jwksUri ?? "") : null;
  if (!fresh) throw signer.keysMissing();
  const claims = await verify(deps, signer, jwt, fresh, options);
  if (!claims) throw signer.refuse("is signed with an unknown key");
  return claims;
}

/** Keys of Ed25519 without their `alg`, since EdDSA and Ed25519 (RFC 9864 §2.2) name the same signature. */
const underBothNames = ({ keys }: JsonWebKeySet) => ({
  keys: keys.map(({ alg, ...key }) => (key["crv"] === "Ed25519" ? key : { alg, ...key })),
});

/** The claims, or null if no key fits. */
async function verify(
  { now }: Deps,
  { refuse }: Signer,
  jwt: string,
  jwks: JsonWebKeySet,
  options: JWTVerifyOptions,
): Promise<JWTPayload | null> {
  try {
    const { payload } = await jwtVerify(jwt, createLocalJWKSet(underBothNames(jwks) as never), {
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: now(),
      ...options,
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return null;
    // A malformed key makes the import fail, with one error or another.
    throw refuse(`is not valid: ${error instanceof errors.JOSEError ? error.code : "ERR_JWK_INVALID"}`);
  }
}

async function fetchKeys(deps: Deps, signer: Signer): Promise<JsonWebKeySet | null> {
  const { jwksUri } = signer.keys;
  return jwksUri !== null && (await signer.claimFetch()) ? download(deps, signer, jwksUri) : null;
}

async function download(deps: Deps, { keepKeys }: Signer, jwksUri: string): Promise<JsonWebKeySet | null> {
  const fetched = await fetchJson(deps.fetch, jwksUri, LIMITS);
  const jwks = fetched.ok ? readKeySet(fetched.json) : null;
  if (jwks) await keepKeys({ jwksUri, jwks });
  else deps.log({ level: "warn", event: "signing_keys_failed", host: new URL(jwksUri).host });
  return jwks;
}

/** A key set (RFC 7517 §5) that is small enough to store. Null if it isn't one. */
export function readKeySet(json: unknown): JsonWebKeySet | null {
  const { keys } = (json ?? {}) as { keys?: unknown };
  return Array.isArray(keys) && keys.length <= 50 && keys.every((key) => typeof key === "object" && key !== null)
    ? { keys }
    : null;
}
