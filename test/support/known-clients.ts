/**
 * What clients show and send, as others have seen it. Each entry names the kind of its source and the month. If a
 * source only has redirect URIs, the entry has both grants and the method `none`, which is what the official SDK
 * registers for its hosts. Ports are examples, and so are the path that Codex changes daily and LM Studio's URI, since
 * its report was only about missing grants.
 */
export type KnownClient = {
  readonly name: string;
  /** Its metadata document, or what it registers. */
  readonly metadata: Readonly<Record<string, unknown>> & { readonly redirect_uris: readonly string[] };
  /** The redirect URI that it uses, which for a loopback URI has that day's port. */
  readonly returnsTo: readonly string[];
  /** Extra parameters of its authorization requests. */
  readonly asks?: Readonly<Record<string, string>>;
  /** Whether it names the resource when it refreshes. */
  readonly namesResource?: boolean;
};

const BOTH = ["authorization_code", "refresh_token"];
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

/** Clients whose id is the URL of a document. */
export const DOCUMENTED: readonly KnownClient[] = [
  {
    name: "Claude",
    // The document as fetched by another server's authors, 2026-09. The grant for ID-JAG is in it.
    metadata: {
      client_id: "https://claude.ai/oauth/mcp-oauth-client-metadata",
      client_name: "Claude",
      client_uri: "https://claude.ai",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
      grant_types: [...BOTH, "urn:ietf:params:oauth:grant-type:jwt-bearer"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["https://claude.ai/api/mcp/auth_callback"],
  },
  {
    name: "Claude Code",
    // The document as fetched by another server's authors, 2026-09. The scope is from its documentation, 2026-09.
    metadata: {
      client_id: "https://claude.ai/oauth/claude-code-client-metadata",
      client_name: "Claude Code",
      client_uri: "https://claude.ai",
      redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
      grant_types: BOTH,
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["http://localhost:3118/callback", "http://127.0.0.1:54545/callback"],
    asks: { scope: "mcp:tools offline_access", prompt: "consent" },
  },
  {
    name: "Codex",
    // Redirect URIs and method of the document, by another server's authors, 2026-09. Its refresh without a resource is
    // from its own issue tracker, 2026-07.
    metadata: {
      client_id: "https://chatgpt.com/oauth/codex/client.json",
      client_name: "Codex",
      redirect_uris: ["http://127.0.0.1/callback", "http://localhost/callback"],
      grant_types: BOTH,
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["http://127.0.0.1:43123/callback", "http://localhost:43123/callback"],
    namesResource: false,
  },
  {
    name: "VS Code",
    // The document as fetched by another server's authors, 2026-09. An authorization request from a server's log,
    // 2026-03.
    metadata: {
      client_id: "https://vscode.dev/oauth/client-metadata.json",
      client_name: "Visual Studio Code",
      client_uri: "https://vscode.dev/product",
      logo_uri: "https://code.visualstudio.com/assets/branding/code-stable.png",
      redirect_uris: ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
      grant_types: [...BOTH, DEVICE_CODE],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
    returnsTo: ["http://127.0.0.1:33418/", "https://vscode.dev/redirect", "http://127.0.0.1:60001/"],
  },
  {
    name: "Cursor",
    // The document as another server's tests have it, 2026-09.
    metadata: {
      client_id: "https://cursor.com/oauth/mcp-client.json",
      client_name: "Cursor",
      redirect_uris: [
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "https://www.cursor.com/bot/mcp/oauth/callback",
        "http://localhost:8787/callback",
        "http://127.0.0.1:8787/callback",
      ],
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["https://www.cursor.com/agents/mcp/oauth/callback", "http://localhost:8787/callback"],
  },
];

/** ChatGPT, which may prove its identity or not: its document as fetched by another server's authors, 2026-09. */
export const CHATGPT = {
  client_id: "https://chatgpt.com/oauth/client.json",
  client_uri: "https://chatgpt.com/",
  client_name: "ChatGPT",
  logo_uri: "https://persistent.oaistatic.com/sonic/misc/openai-logo.png",
  redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
  grant_types: BOTH,
  response_types: ["code"],
  token_endpoint_auth_method: "private_key_jwt",
  token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
  token_endpoint_auth_signing_alg: "RS256",
  jwks_uri: "https://chatgpt.com/oauth/jwks.json",
} as const;

/** Clients that register, with what they send to `/register`. */
export const REGISTERED: readonly KnownClient[] = [
  {
    name: "Claude Code",
    // Its registration as logged by another server's authors, 2026-09.
    metadata: {
      client_name: "Claude Code",
      application_type: "native",
      redirect_uris: ["http://localhost:3118/callback"],
      grant_types: BOTH,
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["http://localhost:33333/callback"],
  },
  {
    name: "Codex",
    // Its registration as logged by another server's authors, 2026-09. It contains that day's path.
    metadata: {
      client_name: "Codex",
      application_type: "native",
      redirect_uris: ["http://127.0.0.1:37819/callback/a1b2c3"],
      grant_types: BOTH,
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["http://127.0.0.1:37819/callback/a1b2c3"],
    namesResource: false,
  },
  {
    name: "VS Code",
    // Its source, 2026-09.
    metadata: {
      client_name: "Visual Studio Code",
      application_type: "native",
      redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"],
      grant_types: [...BOTH, DEVICE_CODE],
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["https://vscode.dev/redirect", "http://127.0.0.1:61234/"],
  },
  {
    name: "Cursor",
    // Its forum, answers of its staff, 2026-07: all three at once.
    metadata: {
      client_name: "Cursor",
      redirect_uris: [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
      ],
      grant_types: BOTH,
      token_endpoint_auth_method: "none",
    },
    returnsTo: [
      "cursor://anysphere.cursor-mcp/oauth/callback",
      "https://www.cursor.com/agents/mcp/oauth/callback",
      "http://localhost:8787/callback",
    ],
  },
  {
    name: "OpenCode",
    // A refusal quoted in another server's issue tracker, 2026-09: only loopback URIs, and no type.
    metadata: {
      client_name: "OpenCode",
      redirect_uris: ["http://127.0.0.1:19876/mcp/oauth/callback"],
      grant_types: BOTH,
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["http://127.0.0.1:19876/mcp/oauth/callback"],
  },
  {
    name: "Raycast",
    // A registration in another server's tests, 2026-09.
    metadata: {
      client_name: "Raycast",
      redirect_uris: ["raycast://oauth?package_name=mcp_server_dust_(dev)"],
      grant_types: [...BOTH, DEVICE_CODE],
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["raycast://oauth?package_name=mcp_server_dust_(dev)"],
  },
  {
    name: "LM Studio",
    // Public reports, autumn 2026: it names no grants.
    metadata: {
      client_name: "LM Studio",
      redirect_uris: ["http://127.0.0.1:33389/callback"],
      token_endpoint_auth_method: "none",
    },
    returnsTo: ["http://127.0.0.1:33389/callback"],
  },
];
