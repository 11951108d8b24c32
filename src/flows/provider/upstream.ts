import * as oauth from "oauth4webapi";
import type { Deps } from "../../deps.ts";
import { boundedFetch } from "../../lib/safe-fetch.ts";
import { isUnavailable } from "../../lib/unavailable.ts";
import { open, type Sealed } from "../../lib/vault.ts";
import type { Provider } from "../../oauth/provider.ts";
import type { StoredProvider } from "../../store/providers.ts";

/** What calling a provider needs of a request's dependencies. The owner's programs have it too. */
export type UpstreamDeps = Pick<Deps, "vault" | "fetch">;

/** A provider, ready for calls as its OAuth client. */
export type Upstream = {
  readonly provider: Provider;
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly clientSecret: string | null;
  readonly authentication: oauth.ClientAuth;
  readonly options: {
    readonly [oauth.customFetch]: UpstreamFetch;
    readonly [oauth.allowInsecureRequests]: boolean;
    readonly [oauth.jwksCache]: oauth.JWKSCacheInput;
  };
};

type UpstreamFetch = (url: string, init?: object) => Promise<Response>;

/**
 * Why a provider gave nothing: `unavailable` may be temporary, `invalid_grant` means that the person has to sign in
 * there again.
 */
export type UpstreamFailure = {
  readonly ok: false;
  readonly kind: "unavailable" | "refused" | "invalid_grant";
  /** For the log and the owner. It holds nothing that was sent or answered. */
  readonly problem: string;
};

/** How much of an answer of a provider is read, and for how long. */
export const UPSTREAM_LIMITS = { maxBytes: 256 * 1024, timeoutMs: 8000 };

/** The keys of providers with which an ID token was checked, cached in the isolate. */
const keySets = new Map<string, oauth.JWKSCacheInput>();
const keySetOf = ({ slug, issuer, description }: Provider): string => [slug, issuer, description.jwksUri].join(" ");

/** Keeps the keys of a provider for the next ID token. Keys that were no use are fetched again. */
export const keepKeySet = ({ provider, options }: Upstream): unknown =>
  keySets.set(keySetOf(provider), options[oauth.jwksCache]);

/** Where a client secret lies in the vault. */
export const secretPlace = (slug: string): string => `provider|${slug}|client secret`;

export const toProvider = ({ secret, ...stored }: StoredProvider): Provider => stored as unknown as Provider;

/** Opens a provider's client secret and describes the provider to the OAuth library. */
export async function openUpstream(deps: UpstreamDeps, stored: StoredProvider): Promise<Upstream> {
  const provider = toProvider(stored);
  const clientSecret = stored.secret === null ? null : await openSecret(deps, stored.slug, stored.secret);
  return describeUpstream(deps, provider, clientSecret);
}

const openSecret = async ({ vault }: UpstreamDeps, slug: string, secret: Sealed): Promise<string> =>
  String(await open(vault, secretPlace(slug), secret));

export function describeUpstream({ fetch }: UpstreamDeps, provider: Provider, clientSecret: string | null): Upstream {
  const { issuer, clientId, description } = provider;
  return {
    provider,
    clientSecret,
    server: {
      issuer,
      authorization_endpoint: description.authorizationEndpoint,
      token_endpoint: description.tokenEndpoint,
      ...(description.jwksUri ? { jwks_uri: description.jwksUri } : {}),
      ...(description.revocationEndpoint ? { revocation_endpoint: description.revocationEndpoint } : {}),
      id_token_signing_alg_values_supported: [...description.idTokenAlgorithms],
      authorization_response_iss_parameter_supported: description.sendsIssuer,
    },
    client: { client_id: clientId },
    authentication: authenticate(provider, clientSecret),
    options: {
      [oauth.customFetch]: answerInForm(provider, boundedFetch(fetch, UPSTREAM_LIMITS)),
      // `findEndpointProblem` only lets a provider on this machine go without TLS.
      [oauth.allowInsecureRequests]: description.tokenEndpoint.startsWith("http:"),
      [oauth.jwksCache]: { ...keySets.get(keySetOf(provider)) } as oauth.JWKSCacheInput,
    },
  };
}

function authenticate({ description }: Provider, secret: string | null): oauth.ClientAuth {
  if (secret === null) return oauth.None();
  return description.authentication === "client_secret_post"
    ? oauth.ClientSecretPost(secret)
    : oauth.ClientSecretBasic(secret);
}

/**
 * Some providers answer errors with 200, and some nest the person's token in a member. Both are turned into the form of
 * RFC 6749 §5.
 */
const answerInForm =
  ({ description }: Provider, fetch: UpstreamFetch): UpstreamFetch =>
  async (url, init) => {
    const response = await fetch(url, init);
    if (url !== description.tokenEndpoint || response.status !== 200) return response;
    const json = await response
      .clone()
      .json()
      .catch(() => null);
    return rewrite((json ?? {}) as Record<string, unknown>, description.tokenMember) ?? response;
  };

function rewrite({ error, ...answer }: Record<string, unknown>, tokenMember: string | null): Response | null {
  if (typeof error === "string") {
    return Response.json({ error: SPENT.includes(error) ? "invalid_grant" : error }, { status: 400 });
  }
  const own = tokenMember === null ? null : answer[tokenMember];
  return typeof own === "object" && own !== null ? Response.json({ ...own, token_type: "bearer" }) : null;
}

/** Other providers' names for `invalid_grant`. */
const SPENT = [
  "bad_verification_code",
  "bad_refresh_token",
  "invalid_code",
  "code_already_used",
  "invalid_refresh_token",
];

/** Runs a step that calls a provider. An error becomes a failure without anything that was sent or answered. */
export async function attemptUpstream<T>(
  step: () => Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | UpstreamFailure> {
  try {
    return { ok: true, value: await step() };
  } catch (error) {
    return { ok: false, ...classify(error as Error & { readonly code?: string }) };
  }
}

type Classified = Pick<UpstreamFailure, "kind" | "problem">;

function classify(error: Error & { readonly code?: string }): Classified {
  if (error instanceof oauth.ResponseBodyError) return classifyBody(error);
  if (error instanceof oauth.AuthorizationResponseError) return { kind: "refused", problem: "refused the request" };
  if (error instanceof oauth.OperationProcessingError) {
    const kind = MAY_PASS.includes(error.code ?? "") ? "unavailable" : "refused";
    return { kind, problem: `gave an invalid answer (${error.code})` };
  }
  if (error.name === "FetchFailed") return { kind: "unavailable", problem: error.message };
  if (isUnavailable(error)) throw error;
  // The library and the runtime have errors of their own for what only a provider can have sent: a challenge, a key that
  // is none, an algorithm that nobody knows.
  return { kind: "refused", problem: `gave an invalid answer (${error.name})` };
}

function classifyBody({ error, status }: oauth.ResponseBodyError): Classified {
  const problem = `answered ${status}${/^\w{1,40}$/.test(error) ? ` ${error}` : ""}`;
  if (error === "invalid_grant") return { kind: "invalid_grant", problem };
  return { kind: status >= 500 || status === 429 ? "unavailable" : "refused", problem };
}

/** A status or a format that comes from a provider's outage, or from a proxy before it. */
const MAY_PASS: readonly string[] = [oauth.RESPONSE_IS_NOT_CONFORM, oauth.RESPONSE_IS_NOT_JSON, oauth.PARSE_ERROR];
