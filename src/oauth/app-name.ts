import { isLoopbackRedirectUri } from "./redirect-uri.ts";

/** A map, since an app may name its scheme after what every object has, like `constructor`. */
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
 * What a person would call an app that is known by nothing but a redirect URI; null where that tells nothing, as on this machine. It
 * is a guess: anybody can name any address.
 */
export function guessAppName(redirectUri: string): string | null {
  if (!URL.canParse(redirectUri) || isLoopbackRedirectUri(redirectUri)) return null;
  const { protocol, host } = new URL(redirectUri);
  if (protocol === "https:") return host;
  return BY_SCHEME.get(protocol.slice(0, -1)) ?? null;
}
