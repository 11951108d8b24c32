import { callGatehouse } from "./gatehouse-call.ts";
import type { Settings } from "./options.ts";

/** The token of an account that the caller has linked, for that service's own API. */
export type AccountToken = {
  readonly token: string;
  /** The scopes that it has there, which may be more than were requested. */
  readonly scopes: readonly string[];
  /** Seconds since 1970. Null if the service doesn't say. */
  readonly expiresAt: number | null;
};

/**
 * Returns the token of an account. If the person has to link it first, it throws `ConnectRequired`, which tools needn't
 * catch: `protectTools` and `guardToolCall` turn it into what the client can show.
 */
export type AccountTokens = (
  provider: string,
  options?: {
    /** Scopes of the provider, out of those that the caller's scopes need there. By default all of them. */
    readonly scopes?: readonly string[];
  },
) => Promise<AccountToken>;

/** The person has to link an account, or to allow its use, on a page of Gatehouse. */
export type ConnectRequired = Error & {
  readonly name: "ConnectRequired";
  readonly provider: string;
  readonly url: string;
};

/** No token was given, and the person can't fix it. `retryable` says whether it may be temporary. */
export type AccountUnavailable = Error & { readonly name: "AccountUnavailable"; readonly retryable: boolean };

export const isConnectRequired = (error: unknown): error is ConnectRequired =>
  error instanceof Error && error.name === "ConnectRequired";

export const isAccountUnavailable = (error: unknown): error is AccountUnavailable =>
  error instanceof Error && error.name === "AccountUnavailable";

const REFUSALS = ["interaction_required", "invalid_grant", "invalid_scope", "invalid_target"];
const TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";
const MAX_KEPT = 1000;

type Kept = { readonly token: AccountToken; readonly until: number };

const kept = new WeakMap<Settings, Map<string, Kept>>();

/**
 * The source of account tokens for one caller. It presents the caller's access token and never reveals it (RFC 8693
 * §2.1).
 */
export const accountTokensOf =
  (settings: Settings, caller: { readonly tokenId: string; readonly accessToken: string }): AccountTokens =>
  async (provider, { scopes = [] } = {}) => {
    const cache = kept.get(settings) ?? new Map<string, Kept>();
    kept.set(settings, cache);
    const key = JSON.stringify([caller.tokenId, provider, ...scopes]);
    const found = cache.get(key);
    if (found && Date.now() < found.until) return found.token;
    cache.delete(key);
    const token = await exchange(settings, caller.accessToken, provider, scopes);
    keep(settings, cache, key, token);
    return token;
  };

/** No longer than `cacheSeconds`, and never past the end of the token. */
function keep({ cacheSeconds }: Settings, cache: Map<string, Kept>, key: string, token: AccountToken): void {
  if (cacheSeconds === 0) return;
  const until = Math.min(Date.now() + cacheSeconds * 1000, (token.expiresAt ?? Number.POSITIVE_INFINITY) * 1000);
  cache.set(key, { token, until });
  const [oldest] = cache.keys();
  if (cache.size > MAX_KEPT && oldest !== undefined) cache.delete(oldest);
}

async function exchange(
  settings: Settings,
  accessToken: string,
  provider: string,
  scopes: readonly string[],
): Promise<AccountToken> {
  const { id, secret } = settings.credential;
  const scope = scopes.join(" ");
  const answer = await callGatehouse(settings, {
    path: "/token",
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      ...{ subject_token: accessToken, subject_token_type: TOKEN_TYPE, requested_token_type: TOKEN_TYPE },
      audience: provider,
      ...(scope ? { scope } : {}),
    }),
    overBinding: (binding) => binding.accountToken({ id, secret, token: accessToken, provider, scope }),
    refusals: REFUSALS,
  });
  const { access_token, scope: granted, expires_in, error, connect_uri } = answer ?? {};
  if (error === "interaction_required" && typeof connect_uri === "string") throw connectRequired(provider, connect_uri);
  if (typeof access_token !== "string") throw accountUnavailable(provider, error === undefined);
  return {
    token: access_token,
    scopes: typeof granted === "string" ? granted.split(" ").filter((name) => name !== "") : [],
    expiresAt: typeof expires_in === "number" ? Math.floor(Date.now() / 1000) + expires_in : null,
  };
}

const connectRequired = (provider: string, url: string): ConnectRequired =>
  Object.assign(new Error(`the person has to connect ${provider} first`), {
    name: "ConnectRequired",
    provider,
    url,
  } as const);

const accountUnavailable = (provider: string, retryable: boolean): AccountUnavailable =>
  Object.assign(new Error(`no token of ${provider} can be had`), { name: "AccountUnavailable", retryable } as const);
