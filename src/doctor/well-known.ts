/** Where the metadata of a URL is (RFC 8414 §3.1, RFC 9728 §3.1): the well-known part goes between host and path. */
function insertedUrl(name: string, url: URL): URL {
  return new URL(`/.well-known/${name}${withoutSlash(url.pathname)}`, url.origin);
}

/** Where clients look for resource metadata without a challenge: at the path, then at the root. */
export const resourceMetadataUrls = (resource: URL): readonly URL[] =>
  distinct([
    insertedUrl("oauth-protected-resource", resource),
    new URL("/.well-known/oauth-protected-resource", resource.origin),
  ]);

/** Where clients look for server metadata, in the order of the MCP specification. */
export const serverMetadataUrls = (issuer: URL): readonly URL[] =>
  distinct([
    insertedUrl("oauth-authorization-server", issuer),
    insertedUrl("openid-configuration", issuer),
    new URL(`${withoutSlash(issuer.pathname)}/.well-known/openid-configuration`, issuer.origin),
  ]);

const withoutSlash = (path: string): string => path.replace(/\/$/, "");

const distinct = (urls: readonly URL[]): readonly URL[] =>
  [...new Set(urls.map(({ href }) => href))].map((href) => new URL(href));
