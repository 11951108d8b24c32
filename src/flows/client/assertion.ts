import { decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { unavailable } from "../../lib/unavailable.ts";
import {
  ASSERTION_ALGORITHMS,
  badAssertion,
  isOwnAudience,
  readAssertionClaims,
} from "../../oauth/client-assertion.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { claimKeyFetch, findClientKeys, updateFetchedKeys } from "../../store/client-keys.ts";
import { CLOCK_SKEW_SECONDS, FETCH_INTERVAL_SECONDS, FETCHED_KEYS_SECONDS, verifySigned } from "../signing-keys.ts";

/** An assertion whose signature and claims are good. The gate decides whether its `jti` is. */
type VerifiedAssertion = { readonly digest: Uint8Array; readonly expiresAt: Date };

/** An assertion as it was sent. */
type Asserted = Extract<ClientAuthentication, { method: "private_key_jwt" }>;

/** Verifies a client assertion (RFC 7523 §3): from the client about itself, for this issuer, signed with one of its keys. */
export async function verifyAssertion(deps: Deps, asserted: Asserted): Promise<VerifiedAssertion> {
  const { clientId, assertion } = asserted;
  const { db, now } = deps;
  // An assertion that no key could make good costs nothing, and causes no fetch.
  assertClaims(deps, asserted);
  const keys = await findClientKeys(db, clientId, FETCHED_KEYS_SECONDS, now());
  if (!keys) throw badAssertion("Client authentication failed.");
  const signer = {
    keys,
    claimFetch: () => claimKeyFetch(db, clientId, FETCH_INTERVAL_SECONDS, now()),
    keepKeys: (fetched: Parameters<typeof updateFetchedKeys>[2]) => updateFetchedKeys(db, clientId, fetched, now()),
    refuse: (problem: string) => badAssertion(`The client assertion ${problem}.`),
    keysMissing: () => unavailable("client_keys"),
  };
  const options = { issuer: clientId, subject: clientId, algorithms: ASSERTION_ALGORITHMS };
  const claims = await verifySigned(deps, signer, assertion, options);
  assertAudience(deps, asserted, claims.aud);
  const { jti, expiresAt } = readAssertionClaims(claims, now());
  return { digest: await sha256(`${clientId}\n${jti}`), expiresAt };
}

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
