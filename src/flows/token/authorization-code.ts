import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { explainCodeRefusal } from "../../oauth/code-refusal.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { Params } from "../../oauth/params.ts";
import { codeChallengeOf, isCodeVerifier } from "../../oauth/pkce.ts";
import { requestedResource } from "../../oauth/resource.ts";
import { parseScope } from "../../oauth/scope.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { type CodeRedemption, consumeAuthorizationCode, findCodeFacts } from "../../store/authorization-codes.ts";
import { auditBadCredential, readClientCredential } from "../client/credential.ts";
import { revokeAfterReplay } from "./code-replay.ts";
import { settleGate } from "./lost-answer.ts";
import { mintTokenPair, type TokenResponse, tokenResponse } from "./token-response.ts";

/** Exchanges an authorization code for tokens (OAuth 2.1 §4.1.3). */
export async function redeemCode(deps: Deps, client: ClientAuthentication, params: Params): Promise<TokenResponse> {
  const redemption = await readRedemption(deps, client, params);
  const tokens = { ...(await mintTokenPair(deps)), familyId: crypto.randomUUID() };
  const actor = deps.actor;
  return settleGate(deps.db, tokens, {
    attempt: () => consumeAuthorizationCode(deps.db, redemption, tokens, deps.config.lifetimes, actor),
    answer: (issued) => tokenResponse(tokens, issued, actor.now),
    explain: () => explain(deps, redemption),
  });
}

async function readRedemption(deps: Deps, client: ClientAuthentication, params: Params): Promise<CodeRedemption> {
  const code = params.values.get("code");
  const verifier = params.values.get("code_verifier");
  if (code === undefined) throw new OAuthError("invalid_request", "code is missing.");
  if (verifier === undefined) throw new OAuthError("invalid_request", "code_verifier is missing (PKCE).");
  if (!isCodeVerifier(verifier)) {
    throw new OAuthError("invalid_request", "code_verifier is not 43 to 128 unreserved characters.");
  }
  const resourceUri = requestedResource(params.resources);
  const scopes = parseScope(params.values.get("scope"));
  const credential = await readClientCredential(deps, client);
  if (!(await isPlausibleToken(deps.keys, TOKEN_KIND.authorizationCode, code))) {
    throw new OAuthError("invalid_grant", "The code is unknown.", { reason: "code_unknown" });
  }
  return {
    digest: await sha256(code),
    clientId: client.clientId,
    credential,
    codeChallenge: await codeChallengeOf(verifier),
    redirectUri: params.values.get("redirect_uri") ?? null,
    resourceUri,
    scopes,
  };
}

/** Throws why the gate refused; returns null if it should be tried once more. */
async function explain(deps: Deps, redemption: CodeRedemption): Promise<null> {
  const facts = await findCodeFacts(deps.db, redemption, deps.now());
  const refusal = explainCodeRefusal(facts);
  if (!refusal) return null;
  if (refusal.error.reason === "bad_credential") auditBadCredential(deps, redemption.clientId);
  // An id of a metadata document is shared by every installation of the app.
  const reach = facts.registration === "metadata_document" ? "family" : "client";
  if (refusal.isReplay) await revokeAfterReplay(deps, { ...facts, clientId: redemption.clientId }, reach);
  throw refusal.error;
}
