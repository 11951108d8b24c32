import { challengeResponse, type Refusal } from "./challenge.ts";
import { introspectToken } from "./introspection.ts";
import type { Auth, ResourceServerOptions } from "./options.ts";

/**
 * Verifies the bearer token of a request (RFC 6750 §2.1): who calls, or the response that refuses them. A token in the
 * query string is never read.
 */
export async function authenticate(
  options: ResourceServerOptions,
  request: Request,
  requiredScopes: readonly string[],
): Promise<Auth | Response> {
  const refuse = (refusal: Refusal) => challengeResponse(options, refusal, requiredScopes);
  const authorization = request.headers.get("Authorization");
  const [scheme, token, ...rest] = authorization?.trim().split(/ +/) ?? [];
  if (scheme?.toLowerCase() !== "bearer") return refuse({ kind: "no_credentials" });
  if (new URL(request.url).searchParams.has("access_token")) {
    return refuse({ kind: "invalid_request", description: "The token was sent in two ways." });
  }
  if (token === undefined || rest.length > 0 || !/^[\w.~+/-]+=*$/.test(token)) {
    return refuse({ kind: "invalid_token", description: "The token is malformed." });
  }
  const verification = await introspectToken(options, token);
  if (verification === "unavailable") return refuse({ kind: "unavailable" });
  const { auth } = verification;
  if (!auth)
    return refuse({ kind: "invalid_token", description: "The token is expired, revoked or not for this server." });
  if (!requiredScopes.every((scope) => auth.scopes.includes(scope))) {
    return refuse({ kind: "insufficient_scope", description: "This needs a permission that was not granted." });
  }
  return auth;
}
