import { isDocumentUrl } from "./client-document.ts";
import { isLoopbackRedirectUri } from "./redirect-uri.ts";

/**
 * A map and not an object, since an app may name its scheme after a member that every object has, like `constructor`.
 */
const BY_SCHEME = new Map(
  Object.entries({
    claude: "Claude",
    cursor: "Cursor",
    goose: "Goose",
    kiro: "Kiro",
    mcpjam: "MCPJam",
    raycast: "Raycast",
    vscode: "Visual Studio Code",
    "vscode-insiders": "Visual Studio Code",
    vscodium: "VSCodium",
    windsurf: "Windsurf",
    zed: "Zed",
  }),
);

/**
 * What a person would call an app known only by its redirect URI. Null if the URI tells nothing, as on this machine. It
 * is a guess, since anybody can register any address.
 */
export function guessAppName(redirectUri: string): string | null {
  if (!URL.canParse(redirectUri) || isLoopbackRedirectUri(redirectUri)) return null;
  const { protocol, host } = new URL(redirectUri);
  if (protocol === "https:") return host;
  return BY_SCHEME.get(protocol.slice(0, -1)) ?? null;
}

/**
 * The name of an app that may be unknown. One whose metadata document hasn't been fetched yet is named by its host. Null
 * if nothing names it.
 */
export function nameApp(client: { readonly name: string } | null, clientId: string): string | null {
  if (client) return client.name;
  return isDocumentUrl(clientId) ? new URL(clientId).host : null;
}
