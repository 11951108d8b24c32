import * as oauth from "oauth4webapi";
import { attemptUpstream, type Upstream } from "./upstream.ts";

type Revocable = { readonly accessToken: string; readonly refreshToken: string | null };

/**
 * Ends tokens at their provider (RFC 7009, or its own API). False if it couldn't be told. Nothing here waits for it.
 */
export async function revokeAtProvider(upstream: Upstream, { accessToken, refreshToken }: Revocable): Promise<boolean> {
  const { provider, server, client, authentication, options } = upstream;
  const { revocation } = provider.description;
  if (revocation === "none") return false;
  const revoked = await attemptUpstream(async () => {
    if (revocation === "github") return revokeAtGitHub(upstream, accessToken);
    // Revoking the refresh token also ends the access tokens (RFC 7009 §2.1).
    const tokens = refreshToken === null ? [accessToken] : [refreshToken, accessToken];
    for (const token of tokens) {
      const response = await oauth.revocationRequest(server, client, authentication, token, options);
      await oauth.processRevocationResponse(response);
    }
    return true;
  });
  return revoked.ok && revoked.value;
}

/** "Delete an app token" of GitHub's REST API. */
async function revokeAtGitHub({ provider, clientSecret, options }: Upstream, accessToken: string): Promise<boolean> {
  const { clientId, description } = provider;
  const url = (description.revocationEndpoint ?? "").replace("{client_id}", encodeURIComponent(clientId));
  const response = await options[oauth.customFetch](url, {
    method: "DELETE",
    headers: {
      Authorization: `Basic ${btoa(`${clientId}:${clientSecret ?? ""}`)}`,
      Accept: "application/json",
      "Content-Type": "application/json",
      "User-Agent": "gatehouse",
    },
    body: JSON.stringify({ access_token: accessToken }),
  });
  return response.status === 204 || response.status === 404;
}
