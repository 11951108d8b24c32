import type { Shape } from "./shape.ts";

export const SCOPES: readonly Shape[] = [
  {
    what: "a provider's scope for whole accounts",
    bad: `
const github = new OAuthApp({
  clientId,
  scopes: ["read:user", "repo"], // MARK
});`,
    good: `
const github = new OAuthApp({
  clientId,
  // Private repositories have no narrower scope that lets the tool open pull requests.
  scopes: ["read:user", "repo"],
});
const repo = findRepo("repo");`,
  },
  {
    what: "a scope that is everything, in metadata",
    bad: `
export const metadata = {
  resource: "https://mcp.example/mcp",
  scopes_supported: ["mcp:*"], // MARK
};`,
    good: `
export const metadata = {
  resource: "https://mcp.example/mcp",
  scopes_supported: ["files:read", "files:write"],
};
export const scopes = { "files:admin": "Change who may see your files" };
const headers = { "Access-Control-Allow-Origin": "*" };`,
  },
  {
    what: "a scope in a request",
    bad: `
export function authorizeUrl(base: string) {
  const url = new URL(base);
  url.searchParams.set("scope", "openid https://www.googleapis.com/auth/drive"); // MARK
  return url;
}`,
    good: `
export function authorizeUrl(base: string) {
  const url = new URL(base);
  url.searchParams.set("scope", "openid https://www.googleapis.com/auth/drive.file");
  url.searchParams.set("prompt", "select_account");
  return url;
}`,
  },
];
