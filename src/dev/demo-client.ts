import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";

/** What an MCP client stores for one server, in memory, so that the demo can show it. */
export type DemoClient = OAuthClientProvider & {
  stored: {
    client?: StoredOAuthClientInformation;
    tokens?: StoredOAuthTokens;
    verifier?: string;
    discovery?: OAuthDiscoveryState;
  };
  /** The last authorization URL that the SDK wanted opened. */
  authorizationUrl: URL | null;
};

/** The host program's part of an MCP client: storage, and a browser that the demo drives. */
export function createDemoClient(metadata: Partial<OAuthClientProvider["clientMetadata"]> = {}): DemoClient {
  const redirectUrl = "http://127.0.0.1:33418/callback";
  const stored: DemoClient["stored"] = {};
  return {
    stored,
    authorizationUrl: null,
    redirectUrl,
    clientMetadata: {
      client_name: "Gatehouse demo",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      ...metadata,
    },
    state: () => crypto.randomUUID(),
    clientInformation: () => stored.client,
    saveClientInformation: (client) => {
      stored.client = client;
    },
    tokens: () => stored.tokens,
    saveTokens: (tokens) => {
      stored.tokens = tokens;
    },
    redirectToAuthorization(url) {
      this.authorizationUrl = url;
    },
    saveCodeVerifier: (verifier) => {
      stored.verifier = verifier;
    },
    codeVerifier: () => stored.verifier ?? "",
    discoveryState: () => stored.discovery,
    saveDiscoveryState: (discovery) => {
      stored.discovery = discovery;
    },
    invalidateCredentials: (what) => {
      if (what === "all" || what === "client") delete stored.client;
      if (what === "all" || what === "tokens") delete stored.tokens;
      if (what === "all" || what === "verifier") delete stored.verifier;
    },
  };
}
