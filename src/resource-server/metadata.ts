import { defaultScopes } from "./access-table.ts";
import { PROOF_ALGORITHMS } from "./dpop.ts";
import type { Settings } from "./options.ts";
import { requestTarget } from "./request-target.ts";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** Origins whose root is a resource of its own in this process. A resource at a path must not answer at its URL. */
const rootResources = new Set<string>();

/** The URL that challenges name: the well-known path, inserted before the resource's own (RFC 9728 §3.1). */
export const metadataUrl = ({ resource }: Settings): string => {
  const { origin, pathname } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname.replace(/\/$/, "")}`;
};

export function noteRootResource({ resource }: Settings): void {
  const { origin, pathname } = new URL(resource);
  if (pathname === "/") rootResources.add(origin);
}

/** Protected resource metadata (RFC 9728 §2). */
export const protectedResourceMetadata = ({ resource, issuer, name, access, requireDpop }: Settings) => ({
  resource,
  authorization_servers: [issuer],
  // The scopes for basic use. Clients are asked for more when a tool needs it (MCP authorization, scope selection).
  scopes_supported: defaultScopes(access),
  bearer_methods_supported: ["header"],
  dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
  ...(requireDpop ? { dpop_bound_access_tokens_required: true } : {}),
  ...(name === null ? {} : { resource_name: name }),
});

/**
 * The answer to a request for the metadata, at the path-inserted URL and at the root, where clients look next (MCP
 * authorization, RFC 9728 §3). Null for any other path.
 */
export function metadataResponse(settings: Settings, request: Request): Response | null {
  const path = requestTarget(request).pathname.replace(/\/$/, "");
  const own = new URL(metadataUrl(settings));
  const isRoot = path === WELL_KNOWN && !rootResources.has(own.origin);
  return isRoot || path === own.pathname ? publicAnswer(request, protectedResourceMetadata(settings)) : null;
}

/** A document that pages of any origin may read, since nothing in it is secret. */
export function publicAnswer(request: Request, document: object): Response {
  const headers = { "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300" };
  if (request.method === "OPTIONS") {
    const asked = request.headers.get("Access-Control-Request-Headers");
    return new Response(null, {
      status: 204,
      headers: { ...headers, ...(asked ? { "Access-Control-Allow-Headers": asked } : {}) },
    });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response(null, { status: 405, headers: { ...headers, Allow: "GET, HEAD, OPTIONS" } });
  }
  const { body, ...response } = toParts(Response.json(document, { headers }));
  return new Response(request.method === "HEAD" ? null : body, response);
}

const toParts = ({ body, status, headers }: Response) => ({ body, status, headers });
