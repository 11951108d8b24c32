import type { Provider } from "./provider.ts";

type ProviderRequest = {
  readonly redirectUri: string;
  readonly state: string;
  readonly codeChallenge: string;
  readonly nonce: string;
  readonly scopes: readonly string[];
  /** Asks when the person signed in there: with any `max_age`, an ID token has `auth_time` (OpenID Connect Core §2). */
  readonly asksTime: boolean;
  /**
   * Asks the person to sign in again at the provider (OpenID Connect Core §3.1.2.1), overriding the parameters that it
   * always gets.
   */
  readonly signInAnew: boolean;
  readonly loginHint: string | null;
};

/**
 * The address to which a browser is sent at a provider (OAuth 2.1 §4.1.1). It always has PKCE and state, and a nonce if
 * the provider gives ID tokens.
 */
export function providerLocation({ kind, clientId, description }: Provider, request: ProviderRequest): string {
  const url = new URL(description.authorizationEndpoint);
  const params = {
    ...description.authorizeParams,
    ...(request.signInAnew ? { prompt: "login" } : {}),
    ...(request.loginHint === null ? {} : { login_hint: request.loginHint }),
    response_type: "code",
    client_id: clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: "S256",
    ...(kind === "openid" ? { nonce: request.nonce } : {}),
    ...(kind === "openid" && request.asksTime ? { max_age: "31536000" } : {}),
    [description.scopeParameter]: request.scopes.join(description.scopeSeparator),
  };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.href;
}
