import { invalidClient } from "./client-authentication.ts";
import { type ClientStanding, explainClientRefusal } from "./client-refusal.ts";
import { OAuthError } from "./errors.ts";

export type RefreshStanding = ClientStanding & {
  readonly tokenFound: boolean;
  readonly methodMatches: boolean;
  readonly userDisabled: boolean;
  readonly familyRevoked: boolean;
  readonly expired: boolean;
  readonly resourceMatches: boolean;
  readonly scopesMatch: boolean;
  readonly spent: boolean;
  readonly recent: boolean;
  /** Whether it is presented from where it was rotated. */
  readonly sameCaller: boolean;
};

export type RefreshRefusal = { readonly error: OAuthError; readonly isReuse: boolean };

/**
 * Names the reason why a refresh token was neither rotated nor answered again, or null if no reason is left: a race that
 * ended. A spent token that may not be answered again is reuse (RFC 9700 §4.14.2): someone else has had it.
 */
export function explainRefreshRefusal(token: RefreshStanding): RefreshRefusal | null {
  const refuse = (error: OAuthError) => ({ error, isReuse: false });
  const client = explainClientRefusal(token);
  if (client) return refuse(client);
  if (!token.tokenFound) return refuse(invalidGrant("The refresh token is unknown.", "token_unknown"));
  if (!token.methodMatches) {
    return refuse(invalidClient("The client authenticated differently when it got this token.", "client_method"));
  }
  if (token.userDisabled) return refuse(invalidGrant("The refresh token is no longer valid.", "user_disabled"));
  if (token.familyRevoked) return refuse(invalidGrant("The refresh token was revoked.", "family_revoked"));
  if (token.expired) return refuse(invalidGrant("The refresh token has expired.", "token_expired"));
  if (!token.resourceMatches) {
    return refuse(
      new OAuthError("invalid_target", "The refresh token is for another resource.", { reason: "resource" }),
    );
  }
  if (!token.scopesMatch) {
    return refuse(new OAuthError("invalid_scope", "The scope goes beyond what was granted.", { reason: "scope" }));
  }
  // A race of the client's own processes; from elsewhere, somebody has gone on without the owner.
  if (token.spent && token.recent && token.sameCaller) {
    return refuse(invalidGrant("The refresh token has been replaced twice.", "token_superseded"));
  }
  if (token.spent) {
    return { error: invalidGrant("The refresh token has been used before.", "token_reused"), isReuse: true };
  }
  return null;
}

const invalidGrant = (description: string, reason: OAuthError["reason"]) =>
  new OAuthError("invalid_grant", description, { reason });
