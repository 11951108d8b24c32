import { decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { unavailable } from "../../lib/unavailable.ts";
import { badGrant, ID_JAG_TYPE, ISSUER_ALGORITHMS, typeOf } from "../../oauth/assertion-grant.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { Params } from "../../oauth/params.ts";
import {
  claimIssuerKeyFetch,
  type FoundIssuer,
  findTrustedIssuer,
  updateIssuerKeys,
} from "../../store/trusted-issuers.ts";
import { FETCH_INTERVAL_SECONDS, FETCHED_KEYS_SECONDS, verifySigned } from "../signing-keys.ts";

/** An assertion as it was sent, before its signature is verified. */
type SentAssertion = { readonly jwt: string; readonly typ: string | null; readonly claims: JWTPayload };

/** Reads the assertion of a request (RFC 7523 §2.1). One that no signature could make good costs nothing. */
export function readAssertion({ values }: Params): SentAssertion {
  const jwt = values.get("assertion");
  if (jwt === undefined) throw new OAuthError("invalid_request", "assertion is missing.");
  try {
    const { alg, typ } = decodeProtectedHeader(jwt);
    if (!ISSUER_ALGORITHMS.includes(alg ?? "")) throw badGrant("The alg of the assertion is not supported.");
    return { jwt, typ: typeOf(typ), claims: decodeJwt(jwt) };
  } catch (error) {
    throw error instanceof OAuthError ? error : badGrant("The assertion is not a JWT.");
  }
}

/** Whether the assertion says that it is about a person. If so, it is accepted as nothing else. */
export const isAboutPerson = (params: Params): boolean => readAssertion(params).typ === ID_JAG_TYPE;

/** The issuer that an assertion names, if the owner trusts it. */
export async function findIssuerOf({ db, now }: Deps, { claims }: SentAssertion): Promise<FoundIssuer> {
  const { iss } = claims;
  const isText = typeof iss === "string" && iss.length <= 500 && iss.isWellFormed() && !iss.includes("\0");
  const issuer = isText ? await findTrustedIssuer(db, iss, FETCHED_KEYS_SECONDS, now()) : null;
  if (!issuer?.isEnabled) throw badGrant("The issuer of the assertion is not trusted here.", "issuer_unknown");
  return issuer;
}

/** The claims of an assertion that its issuer has signed. */
export const verifyIssued = (deps: Deps, issuer: FoundIssuer, { jwt, claims }: SentAssertion): Promise<JWTPayload> => {
  const { db, now } = deps;
  const signer = {
    keys: issuer,
    claimFetch: () => claimIssuerKeyFetch(db, issuer.id, FETCH_INTERVAL_SECONDS, now()),
    keepKeys: (fetched: Parameters<typeof updateIssuerKeys>[2]) => updateIssuerKeys(db, issuer.id, fetched, now()),
    refuse: (problem: string) => badGrant(`The assertion ${problem}.`),
    keysMissing: () => unavailable("issuer_keys"),
  };
  return verifySigned(deps, signer, jwt, { issuer: claims.iss ?? "", algorithms: ISSUER_ALGORITHMS });
};

/** Identifies an assertion, so that it is spent once. A `jti` is unique only at its issuer. */
export const spendableDigest = (issuer: FoundIssuer, jti: string): Promise<Uint8Array> =>
  sha256(`assertion\n${issuer.id}\n${jti}`);

/** Records the refusal of an assertion, with its client if that is known. */
export async function recordRefused<T>(deps: Deps, clientId: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isRefusal = error instanceof OAuthError && error.code !== "invalid_request" && error.status < 429;
    if (isRefusal && error.reason !== "bad_credential") auditRefusal(deps, { name: "assertion_refused", clientId });
    throw error;
  }
}
