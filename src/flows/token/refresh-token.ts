import { auditRefusal, type Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { Params } from "../../oauth/params.ts";
import { explainRefreshRefusal } from "../../oauth/refresh-refusal.ts";
import { requestedResource } from "../../oauth/resource.ts";
import { parseScope } from "../../oauth/scope.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { findRefreshReplay, type RefreshPresentation, rotateRefreshToken } from "../../store/refresh-tokens.ts";
import { revokeTokenFamilies } from "../../store/token-families.ts";
import { auditBadCredential, readClientCredential } from "../client/credential.ts";
import { describeCaller } from "./caller.ts";
import { settleGate } from "./lost-answer.ts";
import { type MintedTokens, mintTokenPair, type TokenResponse, tokenResponse } from "./token-response.ts";

/**
 * Rotates a refresh token (OAuth 2.1 §4.3). Presenting the same token again soon gives the same pair: clients share tokens
 * between processes and lose answers.
 */
export async function refresh(deps: Deps, client: ClientAuthentication, params: Params): Promise<TokenResponse> {
  const token = params.values.get("refresh_token");
  if (token === undefined) throw new OAuthError("invalid_request", "refresh_token is missing.");
  const presented = await readPresentation(deps, client, params, token);
  const tokens = await mintTokenPair(deps);
  const successors = { ...tokens, sealedAnswer: await sealAnswer(deps, token, tokens) };
  const actor = deps.actor;
  return settleGate(deps.db, tokens, {
    attempt: () => rotateRefreshToken(deps.db, presented, successors, deps.config.lifetimes, actor),
    answer: (issued) => tokenResponse(tokens, issued, actor.now),
    explain: () => replayOrExplain(deps, presented, token),
  });
}

async function readPresentation(
  deps: Deps,
  client: ClientAuthentication,
  params: Params,
  token: string,
): Promise<RefreshPresentation> {
  const resourceUri = requestedResource(params.resources);
  const scopes = parseScope(params.values.get("scope"));
  const credential = await readClientCredential(deps, client);
  if (!(await isPlausibleToken(deps.keys, TOKEN_KIND.refreshToken, token))) {
    throw new OAuthError("invalid_grant", "The refresh token is unknown.", { reason: "token_unknown" });
  }
  return {
    digest: await sha256(token),
    clientId: client.clientId,
    credential,
    scopes,
    resourceUri,
    caller: await describeCaller(deps),
  };
}

const answerUse = (token: string) => ({ purpose: "refresh answer", context: token });

const sealAnswer = async ({ config, keys }: Deps, token: string, tokens: MintedTokens): Promise<string | null> => {
  const { reuseSeconds, lostAnswerSeconds } = config.replay;
  if (reuseSeconds === 0 && lostAnswerSeconds === 0) return null;
  return sealEnvelope(keys, answerUse(token), [tokens.accessToken, tokens.refreshToken]);
};

/** Gives the same pair again, or throws why not; returns null if the gate should be tried once more. */
async function replayOrExplain(
  deps: Deps,
  presented: RefreshPresentation,
  token: string,
): Promise<TokenResponse | null> {
  const actor = deps.actor;
  const facts = await findRefreshReplay(deps.db, presented, deps.config.replay, actor);
  const { sealedAnswer, scopes, accessExpiresAt, familyId, userId } = facts;
  if (sealedAnswer !== null && scopes !== null && accessExpiresAt !== null) {
    const answer = (await openEnvelope(deps.keys, answerUse(token), sealedAnswer)) as [string, string] | null;
    if (!answer)
      throw new OAuthError("invalid_grant", "The refresh token has been used before.", { reason: "token_superseded" });
    const [accessToken, refreshToken] = answer;
    const resourceUri = facts.resourceUri ?? "";
    const issued = { scopes, accessExpiresAt, resourceUri, hasRefreshToken: true };
    return tokenResponse({ accessToken, refreshToken }, issued, actor.now);
  }
  const refusal = explainRefreshRefusal(facts);
  if (!refusal) return null;
  if (refusal.error.reason === "bad_credential") auditBadCredential(deps, presented.clientId);
  if (refusal.isReuse && familyId !== null) {
    await revokeTokenFamilies(deps.db, { familyId }, "refresh_token_reused", actor);
    auditRefusal(deps, { name: "refresh_token_reused", userId, clientId: presented.clientId, familyId });
  }
  throw refusal.error;
}
