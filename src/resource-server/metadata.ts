import type { ResourceServerOptions } from "./options.ts";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** Where clients look for the metadata: the path-inserted URL, then the root one (RFC 9728 §3.1, MCP authorization). */
export const metadataPaths = ({ resource }: ResourceServerOptions): readonly string[] => {
  const path = new URL(resource).pathname.replace(/\/$/, "");
  return path === "" ? [WELL_KNOWN] : [WELL_KNOWN + path, WELL_KNOWN];
};

/** The URL that challenges name (RFC 9728 §5.1). */
export const metadataUrl = (options: ResourceServerOptions): string =>
  new URL(options.resource).origin + metadataPaths(options)[0];

/** Protected resource metadata (RFC 9728 §2). `offline_access` is the authorization server's business. */
export const protectedResourceMetadata = ({ resource, issuer, name, scopes }: ResourceServerOptions) => ({
  resource,
  authorization_servers: [issuer],
  bearer_methods_supported: ["header"],
  ...(scopes ? { scopes_supported: scopes.filter((scope) => scope !== "offline_access") } : {}),
  ...(name ? { resource_name: name } : {}),
});
