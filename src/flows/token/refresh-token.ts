import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import { REFRESH_RULES, supersededToken } from "../../oauth/gate-refusal.ts";
import { parseScope } from "../../oauth/scope.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { type RefreshPresentation, rotateRefreshToken } from "../../store/refresh-tokens.ts";
import { describeCaller } from "./caller.ts";
import { createGrant } from "./grant.ts";
import type { MintedTokens } from "./token-response.ts";

/**
 * Rotates a refresh token (OAuth 2.1 §4.3). Presenting the same token again soon returns the same pair, because clients
 * share tokens between processes and lose answers.
 */
export const refresh = createGrant<Pick<RefreshPresentation, "caller" | "scopes">>({
  presents: { parameter: "refresh_token", kind: TOKEN_KIND.refreshToken, known: "tokenFound" },
  read: async (deps, { values }) => ({
    scopes: parseScope(values.get("scope")),
    caller: await describeCaller(deps),
  }),
  gate: async (deps, request, tokens) => {
    const { replay, lifetimes } = deps.config;
    const successors = { ...tokens, sealedAnswer: await sealAnswer(deps, request.presented, tokens) };
    return rotateRefreshToken(deps.db, request, successors, { ...lifetimes, ...replay }, deps.actor);
  },
  rules: REFRESH_RULES,
  explain: ({ tokenCurrent }) => (tokenCurrent === false ? supersededToken() : null),
  replay: "refresh_token_reused",
  openAnswer: async ({ keys }, sealedAnswer, presented) => {
    const pair = (await openEnvelope(keys, answerUse(presented), sealedAnswer)) as [string, string] | null;
    // Sealed under a key that no longer exists.
    if (!pair) throw supersededToken();
    return { accessToken: pair[0], refreshToken: pair[1] };
  },
});

const answerUse = (token: string) => ({ purpose: "refresh answer", context: token });

const sealAnswer = async ({ config, keys }: Deps, token: string, tokens: MintedTokens): Promise<string | null> => {
  const { reuseSeconds, lostAnswerSeconds } = config.replay;
  if (reuseSeconds === 0 && lostAnswerSeconds === 0) return null;
  return sealEnvelope(keys, answerUse(token), [tokens.accessToken, tokens.refreshToken]);
};
