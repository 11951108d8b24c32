import * as oauth from "oauth4webapi";
import { boundedFetch } from "../../lib/safe-fetch.ts";
import type { ProviderDescription } from "../../oauth/provider.ts";
import { attemptUpstream, UPSTREAM_LIMITS, type UpstreamDeps, type UpstreamFailure } from "./upstream.ts";

type Discovered = Pick<
  ProviderDescription,
  "authorizationEndpoint" | "tokenEndpoint" | "jwksUri" | "sendsIssuer" | "idTokenAlgorithms" | "tellsSignInTime"
> &
  Partial<Pick<ProviderDescription, "revocationEndpoint" | "revocation" | "authentication">>;

/** An OpenID provider's metadata (OpenID Connect Discovery §4). Its issuer has to be the one that was requested. */
export const discoverProvider = (
  { fetch }: Pick<UpstreamDeps, "fetch">,
  issuer: string,
): Promise<{ readonly ok: true; readonly value: Discovered } | UpstreamFailure> =>
  attemptUpstream(async () => {
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, {
      algorithm: "oidc",
      [oauth.customFetch]: boundedFetch(fetch, UPSTREAM_LIMITS),
      [oauth.allowInsecureRequests]: url.protocol === "http:",
    });
    const server = await oauth.processDiscoveryResponse(url, response);
    const algorithms = (server.id_token_signing_alg_values_supported as string[] | undefined) ?? ["RS256"];
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    return {
      authorizationEndpoint: server.authorization_endpoint ?? "",
      tokenEndpoint: server.token_endpoint ?? "",
      jwksUri: server.jwks_uri ?? null,
      sendsIssuer: server.authorization_response_iss_parameter_supported ?? false,
      // Excludes `none` and symmetric algorithms: whoever had read the client secret could sign with those.
      idTokenAlgorithms: algorithms.filter((name) => /^(?:RS|PS|ES)\d{3}$|^Ed(?:DSA|25519)$/.test(name)),
      tellsSignInTime: server.claims_supported?.includes("auth_time") ?? false,
      authentication: methods.includes("client_secret_basic") ? "client_secret_basic" : "client_secret_post",
      ...(server.revocation_endpoint
        ? { revocationEndpoint: server.revocation_endpoint, revocation: "rfc7009" as const }
        : {}),
    };
  });
