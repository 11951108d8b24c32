import { OAuthError } from "./errors.ts";

/** What a resource offers, as far as the arithmetic of scopes goes. */
export type OfferedScope = { readonly name: string; readonly isDefault: boolean };

/** Scopes of OpenID Connect, which clients send from habit. They ask for no access to a resource. */
const HABITUAL = new Set(["offline_access", "openid", "profile", "email"]);

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

export const isScopeToken = (text: string): boolean => SCOPE_TOKEN.test(text);

/**
 * The distinct scopes of a resource that a `scope` parameter names (RFC 6749 §3.3), in their order; null if it names none.
 */
export function parseScope(scope: string | undefined): string[] | null {
  const tokens = scope?.split(" ").filter((token) => token !== "") ?? [];
  if (!tokens.every(isScopeToken))
    throw new OAuthError("invalid_scope", "The scope parameter is malformed.", { reason: "scope" });
  const named = tokens.filter((token) => !HABITUAL.has(token));
  return named.length === 0 ? null : [...new Set(named)];
}

/**
 * The scopes to ask the person for: what was requested of what the resource offers, or its default set where nothing was
 * requested. Throws `invalid_scope` when nothing is left.
 */
export function grantableScopes(requested: readonly string[] | null, offered: readonly OfferedScope[]): string[] {
  const granted = offered
    .filter((scope) => (requested === null ? scope.isDefault : requested.includes(scope.name)))
    .map((scope) => scope.name);
  if (granted.length === 0) {
    throw new OAuthError("invalid_scope", "The resource offers none of the requested scopes.", { reason: "scope" });
  }
  return granted;
}
