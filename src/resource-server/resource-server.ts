import type { Auth } from "./auth.ts";
import { authenticate, type Verifier } from "./authenticate.ts";
import { createProofChecker } from "./dpop.ts";
import { createIssuerMetadata } from "./issuer-metadata.ts";
import { metadataResponse, noteRootResource } from "./metadata.ts";
import { type ResourceServerOptions, readOptions, type Settings } from "./options.ts";
import { boundBody, guardHeaders, guardRequest, withHeaders } from "./request-guard.ts";
import type { ScopeRequirement } from "./scope-requirement.ts";
import { createTokenVerifier, type TokenVerifier } from "./token-verifier.ts";
import { endWithToken } from "./token-watch.ts";

/**
 * An MCP server that Gatehouse protects. Make one and keep it, because it holds the cache and the look-ups under way.
 */
export type ResourceServer = {
  /** The options, checked and complete. */
  readonly settings: Settings;
  /**
   * What introspection says about an access token, or `invalid`, or `unavailable` if Gatehouse can't be asked. A token
   * with a `jkt` is only good with a proof of that key, which `authenticate` checks.
   */
  readonly verifyToken: TokenVerifier;
  /**
   * Who sent a request, or the answer that refuses it: 401, 403, 400 or 503 (RFC 6750 §3). All the scopes are needed.
   * Use `anyOf` if one of several is enough.
   */
  authenticate(request: Request, ...scopes: readonly ScopeRequirement[]): Promise<Auth | Response>;
  /**
   * The answer to a request for the protected resource metadata (RFC 9728), or for the issuer's, which clients of
   * 2025-03-26 look for here. Null for a request to anything else.
   */
  metadataResponse(request: Request): Promise<Response | null>;
  /**
   * Wraps the answer to an authenticated request, so that a stream of events ends when the token ends or is revoked.
   * `protect` and `bearerAuth` do this by themselves.
   */
  endWithToken(caller: { readonly request: Request; readonly auth: Auth }, response: Response): Response;
  /**
   * A `fetch` handler with everything before it: metadata, origins, body size, security headers and authentication.
   *
   * ```ts
   * export default { fetch: gatehouse.protect((request, auth) => mcp.fetch(request, { authInfo: auth })) };
   * ```
   */
  protect(
    handle: (request: Request, auth: Auth) => Response | Promise<Response>,
    ...scopes: readonly ScopeRequirement[]
  ): (request: Request) => Promise<Response>;
};

/**
 * Protects an MCP server as an OAuth resource server: every token is checked with Gatehouse (RFC 6750, RFC 7662, RFC 9728).
 * Throws an Error that names every invalid option.
 *
 * ```ts
 * const gatehouse = resourceServer({
 *   resource: "https://weather.example.com/mcp",
 *   issuer: "https://auth.example.com",
 *   credential: { id: env.RESOURCE_ID, secret: env.INTROSPECTION_SECRET },
 * });
 * ```
 */
export function resourceServer(options: ResourceServerOptions): ResourceServer {
  const settings = readOptions(options);
  noteRootResource(settings);
  const issuerMetadata = createIssuerMetadata(settings);
  const findMetadata = async (request: Request) => metadataResponse(settings, request) ?? issuerMetadata(request);
  const verifier: Verifier = {
    settings,
    verifyToken: createTokenVerifier(settings),
    checkProof: createProofChecker(settings),
  };
  const answer = async (
    request: Request,
    handle: (request: Request, auth: Auth) => Response | Promise<Response>,
    scopes: readonly ScopeRequirement[],
  ): Promise<Response> => {
    const refused = guardRequest(settings, request);
    if (refused) return refused;
    const auth = await authenticate(verifier, request, scopes);
    if (auth instanceof Response) return auth;
    const bounded = await boundBody(settings, request);
    if (bounded instanceof Response) return bounded;
    return endWithToken(verifier, { request, auth }, await handle(bounded, auth));
  };
  return {
    settings,
    verifyToken: verifier.verifyToken,
    authenticate: (request, ...scopes) => authenticate(verifier, request, scopes),
    metadataResponse: findMetadata,
    endWithToken: (caller, response) => endWithToken(verifier, caller, response),
    protect:
      (handle, ...scopes) =>
      async (request) =>
        (await findMetadata(request)) ??
        withHeaders(await answer(request, handle, scopes), guardHeaders(settings, request.headers.get("Origin"))),
  };
}
