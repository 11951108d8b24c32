import type { Settings } from "./options.ts";
import { requestTarget } from "./request-target.ts";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The URL that challenges name: the well-known path, inserted before the resource's own (RFC 9728 §3.1). */
export const metadataUrl = ({ resource }: Settings): string => {
  const { origin, pathname } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname.replace(/\/$/, "")}`;
};

/** Protected resource metadata (RFC 9728 §2). */
export const protectedResourceMetadata = ({ resource, issuer, name, access }: Settings) => ({
  resource,
  authorization_servers: [issuer],
  scopes_supported: access.scopes.map((scope) => scope.name),
  bearer_methods_supported: ["header"],
  ...(name === null ? {} : { resource_name: name }),
});

/**
 * The answer to a request for the metadata, at the path-inserted URL and at the root one where clients look next (MCP
 * authorization, RFC 9728 §3); null for any other path. It is for any origin: there is nothing secret in it.
 */
export function metadataResponse(settings: Settings, request: Request): Response | null {
  const path = requestTarget(request).pathname.replace(/\/$/, "");
  if (path !== WELL_KNOWN && path !== new URL(metadataUrl(settings)).pathname) return null;
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
  const { body, ...response } = toParts(Response.json(protectedResourceMetadata(settings), { headers }));
  return new Response(request.method === "HEAD" ? null : body, response);
}

const toParts = ({ body, status, headers }: Response) => ({ body, status, headers });
