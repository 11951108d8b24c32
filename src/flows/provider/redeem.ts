import * as oauth from "oauth4webapi";
import {
  grantedScopes,
  isScopeName,
  isUsableSubject,
  isUsableToken,
  providerRedirectUri,
  readAddress,
  readMember,
} from "../../oauth/provider.ts";
import { attemptUpstream, keepKeySet, type Upstream, type UpstreamFailure } from "./upstream.ts";

export type ProviderTokens = {
  readonly accessToken: string;
  /** Null if it gives none, or keeps the previous one. */
  readonly refreshToken: string | null;
  /** Null if it doesn't say. */
  readonly expiresInSeconds: number | null;
  readonly scopes: readonly string[];
};

/** Somebody's identity at a provider. */
type ProviderPerson = {
  /** Stable, and never given to somebody else. */
  readonly subject: string;
  /** The name by which the person knows the account. */
  readonly label: string;
  /** Only if the provider says that it is verified. In lower case. */
  readonly verifiedEmail: string | null;
  /** The domain of the organization that the account belongs to, according to Google. */
  readonly hostedDomain: string | null;
  /** The claims of the ID token. Empty if there is none. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** When the person signed in there, in seconds since 1970. Null if the provider doesn't say. */
  readonly authenticatedAt: number | null;
};

export type Redemption = { readonly tokens: ProviderTokens; readonly person: ProviderPerson };

/** The parts of the request that a state keeps, to compare the answer with. */
type SentRequest = {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly scopes: readonly string[];
};

/**
 * Redeems the code of a provider's answer (OAuth 2.1 §4.1.3). Checks the ID token with its signature (OpenID Connect
 * Core §3.1.3.7), or asks the user endpoint who it is.
 */
export const redeemProviderCode = (
  upstream: Upstream,
  issuer: string,
  answer: URLSearchParams,
  sent: SentRequest,
): Promise<{ readonly ok: true; readonly value: Redemption } | UpstreamFailure> =>
  attemptUpstream(async () => {
    const { provider, server, client, authentication, options } = upstream;
    const params = oauth.validateAuthResponse(server, client, answer, sent.state);
    const redirectUri = providerRedirectUri(issuer, provider.slug);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      params,
      redirectUri,
      sent.verifier,
      options,
    );
    const isOpenid = provider.kind === "openid";
    const result = await oauth.processAuthorizationCodeResponse(server, client, response, {
      ...(isOpenid ? { expectedNonce: sent.nonce, requireIdToken: true } : {}),
    });
    if (isOpenid) {
      await oauth.validateApplicationLevelSignature(server, response, options);
      keepKeySet(upstream);
    }
    const claims = oauth.getValidatedIdTokenClaims(result);
    const tokens = readTokens(result, sent.scopes);
    const person = claims && isOpenid ? readClaims(claims) : await askWho(upstream, tokens.accessToken);
    if (!isUsableSubject(person.subject)) {
      throw new oauth.OperationProcessingError("nobody is named", { code: "subject_unusable" });
    }
    return { tokens, person };
  });

/** Throws for tokens that no request could carry. */
export function readTokens(
  { access_token, refresh_token, expires_in, scope }: oauth.TokenEndpointResponse,
  asked: readonly string[],
): ProviderTokens {
  if (!isUsableToken(access_token) || (refresh_token !== undefined && !isUsableToken(refresh_token))) {
    throw new oauth.OperationProcessingError("a token is invalid", { code: "token_malformed" });
  }
  const scopes = grantedScopes(scope, asked);
  if (scopes.length > 200 || !scopes.every(isScopeName)) {
    throw new oauth.OperationProcessingError("the scopes are invalid", { code: "scope_malformed" });
  }
  const expiresInSeconds = expires_in === undefined ? null : Math.min(Math.floor(expires_in), 10 * 365 * 86_400);
  return { accessToken: access_token, refreshToken: refresh_token ?? null, expiresInSeconds, scopes };
}

function readClaims(claims: oauth.IDToken): ProviderPerson {
  const { sub, auth_time } = claims;
  const email = textOf(claims["email"]);
  const label = email ?? textOf(claims["preferred_username"]) ?? textOf(claims["nickname"]) ?? textOf(claims["name"]);
  return {
    subject: sub,
    label: label ?? sub,
    verifiedEmail: claims["email_verified"] === true ? readAddress(claims["email"]) : null,
    hostedDomain: textOf(claims["hd"])?.toLowerCase() ?? null,
    claims,
    authenticatedAt: typeof auth_time === "number" ? auth_time : null,
  };
}

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value.length > 0 && value.length <= 320
    ? value.toWellFormed().replaceAll("\0", "")
    : null;

/** Asks the user endpoint of a provider without ID tokens, once. */
async function askWho(upstream: Upstream, accessToken: string): Promise<ProviderPerson> {
  const { userEndpoint, userQuery, userMembers } = upstream.provider.description;
  const json = await askProvider(upstream, accessToken, userEndpoint ?? "", userQuery);
  const subject = readMember(json, userMembers.subject) ?? "";
  const label = textOf(readMember(json, userMembers.label)) ?? subject;
  return { subject, label, verifiedEmail: null, hostedDomain: null, claims: {}, authenticatedAt: null };
}

/** Asks a provider's endpoint with a person's token. Throws unless the answer is JSON. */
export async function askProvider(
  { options }: Upstream,
  accessToken: string,
  endpoint: string,
  query: string | null = null,
): Promise<unknown> {
  const headers = { Authorization: `Bearer ${accessToken}`, Accept: "application/json", "User-Agent": "gatehouse" };
  const response = await options[oauth.customFetch](endpoint, {
    method: query === null ? "GET" : "POST",
    headers: query === null ? headers : { ...headers, "Content-Type": "application/json" },
    ...(query === null ? {} : { body: JSON.stringify({ query }) }),
  });
  if (response.status === 404) throw new oauth.OperationProcessingError("not found", { code: "not_found" });
  if (response.status !== 200) {
    throw new oauth.OperationProcessingError("not answered", { code: oauth.RESPONSE_IS_NOT_CONFORM });
  }
  return response.json().catch(() => {
    throw new oauth.OperationProcessingError("not JSON", { code: oauth.PARSE_ERROR });
  });
}
