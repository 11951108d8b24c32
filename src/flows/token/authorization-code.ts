import { OAuthError } from "../../oauth/errors.ts";
import { CODE_RULES } from "../../oauth/gate-refusal.ts";
import { codeChallengeOf, isCodeVerifier } from "../../oauth/pkce.ts";
import { namedScopes } from "../../oauth/scope.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { type CodeRedemption, consumeAuthorizationCode } from "../../store/authorization-codes.ts";
import { createGrant } from "./grant.ts";

/** Exchanges an authorization code for tokens (OAuth 2.1 §4.1.3). */
export const redeemCode = createGrant<Pick<CodeRedemption, "codeChallenge" | "redirectUri" | "scopes">>({
  presents: { parameter: "code", kind: TOKEN_KIND.authorizationCode, known: "codeFound" },
  read: async (_, { values }) => {
    const verifier = values.get("code_verifier");
    if (verifier === undefined) throw new OAuthError("invalid_request", "code_verifier is missing (PKCE).");
    if (!isCodeVerifier(verifier)) {
      throw new OAuthError("invalid_request", "code_verifier is not 43 to 128 unreserved characters.");
    }
    return {
      codeChallenge: await codeChallengeOf(verifier),
      redirectUri: values.get("redirect_uri") ?? null,
      // RFC 6749 §4.1.3 has no such parameter. Clients repeat what they requested, so it narrows the grant and never
      // causes a refusal.
      scopes: namedScopes(values.get("scope")),
    };
  },
  gate: (deps, request, tokens) =>
    consumeAuthorizationCode(deps.db, request, tokens, deps.config.lifetimes, deps.actor),
  rules: CODE_RULES,
  replay: "code_replayed",
});
