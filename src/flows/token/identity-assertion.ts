import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { encodeHex } from "../../lib/hex.ts";
import { badGrant } from "../../oauth/assertion-grant.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { isDocumentUrl } from "../../oauth/client-document.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { ASSERTION_RULES } from "../../oauth/gate-refusal.ts";
import { readIdentityClaims } from "../../oauth/identity-assertion.ts";
import type { Params } from "../../oauth/params.ts";
import { requestedResource } from "../../oauth/resource.ts";
import { parseScope } from "../../oauth/scope.ts";
import { type AssertionRedemption, consumeAssertion } from "../../store/assertions.ts";
import { findDocument } from "../../store/client-documents.ts";
import { assertKnownClient, readClientCredential } from "../client/credential.ts";
import { assertDocumentUrl, refreshDocumentClient } from "../client/document.ts";
import { type AnswerTokenRequest, createGrant } from "./grant.ts";
import {
  findIssuerOf,
  isAboutPerson,
  readAssertion,
  recordRefused,
  spendableDigest,
  verifyIssued,
} from "./trusted-assertion.ts";

type Own = Omit<AssertionRedemption, "clientId" | "credential" | "proof">;

/**
 * Exchanges a trusted identity provider's assertion about a person for tokens, without a page
 * (draft-ietf-oauth-identity-assertion-authz-grant §4.4; MCP Enterprise-Managed Authorization §5).
 */
const redeem = createGrant<Own>({
  presents: null,
  read: readOwn,
  gate: (deps, request, tokens) => consumeAssertion(deps.db, request, tokens, deps.config.lifetimes, deps.actor),
  rules: ASSERTION_RULES,
});

export const redeemIdentityAssertion: AnswerTokenRequest = (deps, client, params, dpop) =>
  recordRefused(deps, null, () => redeem(deps, client, params, dpop));

/** The client's identity comes first: an unknown client learns nothing about issuers, and registers again. */
async function readOwn(deps: Deps, params: Params, client: ClientAuthentication): Promise<Own> {
  const { clientId } = client;
  const own = await readVouched(deps, params, clientId).catch(async (error) => {
    await assertKnownClient(deps, { clientId, credential: await readClientCredential(deps, client) });
    throw error;
  });
  if (isDocumentUrl(clientId)) {
    assertDocumentUrl(deps, clientId);
    // Nobody signs in here. The document is fetched because a trusted issuer names it, so no stranger can cause it.
    const { known, isRefused } = await findDocument(deps.db, clientId);
    if (!isRefused) await refreshDocumentClient(deps, clientId, known);
  }
  return own;
}

async function readVouched(deps: Deps, params: Params, clientId: string): Promise<Own> {
  const assertion = readAssertion(params);
  if (!isAboutPerson(params)) throw badGrant("The typ of the assertion has to be oauth-id-jag+jwt.");
  const requestedScopes = parseScope(params.values.get("scope"));
  const issuer = await findIssuerOf(deps, assertion);
  const expected = { issuer: deps.config.issuer, clientId, tenant: issuer.tenant, now: deps.now() };
  // Checks the assertion's own claims first, so that one that can't be good causes no fetch of keys.
  readIdentityClaims(assertion.claims, expected);
  const { jti, expiresAt, resources, ...said } = readIdentityClaims(
    await verifyIssued(deps, issuer, assertion),
    expected,
  );
  const joining = { userId: crypto.randomUUID(), email: await standInAddress(issuer.id, said.subject) };
  return {
    person: { ...said, resources, issuerId: issuer.id, joining },
    resourceUri: chooseResource(requestedResource(params.resources), resources),
    requestedScopes,
    grantDigest: await spendableDigest(issuer, jti),
    grantExpiresAt: expiresAt,
  };
}

/** The requested resource, which has to be one of those that the assertion names, or else the first of them. */
function chooseResource(asked: string | null, vouched: readonly string[] | null): string | null {
  if (asked !== null && vouched && !vouched.includes(asked)) {
    throw new OAuthError("invalid_target", "The assertion is for another resource.", { reason: "resource" });
  }
  return asked ?? vouched?.[0] ?? null;
}

/**
 * Stands in for the address of a person whose issuer gives no verified one. No mail can be sent to it (RFC 6761 §6.4).
 */
const standInAddress = async (issuerId: string, subject: string): Promise<string> =>
  `${encodeHex((await sha256(`${issuerId}\n${subject}`)).subarray(0, 10))}@issuer.invalid`;
