import { type ClientStanding, explainClientRefusal } from "./client-refusal.ts";
import { OAuthError } from "./errors.ts";

export type CodeStanding = ClientStanding & {
  readonly codeFound: boolean;
  readonly spent: boolean;
  readonly expired: boolean;
  readonly userDisabled: boolean;
  readonly verifierMatches: boolean;
  readonly redirectUriMatches: boolean;
  readonly resourceMatches: boolean;
  readonly scopesMatch: boolean;
};

/** Why a code was refused. A replay is a second redemption that would have been valid: only that revokes. */
export type CodeRefusal = { readonly error: OAuthError; readonly isReplay: boolean };

/** Names the reason why the gate refused a code (OAuth 2.1 §4.1.3), or null if no reason is left: a race that ended. */
export function explainCodeRefusal(code: CodeStanding): CodeRefusal | null {
  const refuse = (error: OAuthError) => ({ error, isReplay: false });
  const client = explainClientRefusal(code);
  if (client) return refuse(client);
  if (!code.codeFound) return refuse(invalidGrant("The code is unknown.", "code_unknown"));
  // Who has no right to the code learns nothing of its state, and can't make it revoke anything.
  if (!code.verifierMatches) return refuse(invalidGrant("The code_verifier does not match.", "verifier"));
  if (!code.redirectUriMatches) return refuse(invalidGrant("The redirect_uri does not match.", "redirect_uri"));
  if (code.spent) return { error: invalidGrant("The code has been used.", "code_replayed"), isReplay: true };
  if (code.expired) return refuse(invalidGrant("The code has expired.", "code_expired"));
  if (code.userDisabled) return refuse(invalidGrant("The code is no longer valid.", "user_disabled"));
  if (!code.resourceMatches) {
    return refuse(new OAuthError("invalid_target", "The code is for another resource.", { reason: "resource" }));
  }
  if (!code.scopesMatch) {
    return refuse(new OAuthError("invalid_scope", "The scope goes beyond what was granted.", { reason: "scope" }));
  }
  return null;
}

const invalidGrant = (description: string, reason: OAuthError["reason"]) =>
  new OAuthError("invalid_grant", description, { reason });
