import { OAuthError } from "./errors.ts";

/** The part of a resource that scope arithmetic needs. */
export type OfferedScope = { readonly name: string; readonly isDefault: boolean };

/** Scopes of OpenID Connect, which clients send out of habit. They don't ask for access to a resource. */
const HABITUAL = new Set(["offline_access", "openid", "profile", "email"]);

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

export const isScopeToken = (text: string): boolean => SCOPE_TOKEN.test(text);

/**
 * The distinct scopes of a resource that a `scope` parameter names (RFC 6749 §3.3), in their order. Null if it names
 * none. Throws `invalid_scope` for a malformed one.
 */
export function parseScope(scope: string | undefined): string[] | null {
  if (!tokensOf(scope).every(isScopeToken))
    throw new OAuthError("invalid_scope", "The scope parameter is malformed.", { reason: "scope" });
  return namedScopes(scope);
}

/** The same, but ignoring malformed ones, for requests that aren't refused for their scopes. */
export function namedScopes(scope: string | undefined): string[] | null {
  const named = tokensOf(scope).filter((token) => isScopeToken(token) && !HABITUAL.has(token));
  return named.length === 0 ? null : [...new Set(named)];
}

const tokensOf = (scope: string | undefined): string[] => scope?.split(" ").filter((token) => token !== "") ?? [];

/**
 * The scopes to ask the person for: those requested that the resource offers, or its default scopes if the request
 * named none that it offers. Clients request what another server's metadata told them, and a refusal would leave them
 * stuck. Throws `invalid_scope` if there are none.
 */
export function grantableScopes(requested: readonly string[] | null, offered: readonly OfferedScope[]): string[] {
  const asked = offered.filter(({ name }) => requested?.includes(name));
  const granted = asked.length > 0 ? asked : offered.filter(({ isDefault }) => isDefault);
  if (granted.length === 0) {
    throw new OAuthError("invalid_scope", "The resource offers none of the requested scopes.", { reason: "scope" });
  }
  return granted.map(({ name }) => name);
}
