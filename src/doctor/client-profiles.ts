/** The behaviour of one MCP client. `.docs/doctor.md` gives the sources. */
export type ClientProfile = {
  readonly key: string;
  readonly name: string;
  /** Its requests come from servers on the internet instead of the person's machine. */
  readonly hosted: boolean;
  /** It calls servers from a page, so CORS decides. */
  readonly inBrowser: boolean;
  /** Its metadata document, and the redirect URI that it uses with it. */
  readonly document: { readonly url: string; readonly returnsTo: string } | null;
  /** It uses its document only if the token endpoint accepts `none`. */
  readonly documentNeedsNone?: boolean;
  /** It authenticates with a signature if the server offers that. */
  readonly prefersSignature?: boolean;
  /** It compares `iss` with the issuer, and demands it if the metadata promises it (RFC 9207 §2.4). */
  readonly checksIss?: boolean;
  /** It registers only those of its grants that the server offers. */
  readonly choosesGrants?: boolean;
  /** What it registers if it uses no document. */
  readonly registers: Readonly<Record<string, unknown>> & { readonly redirect_uris: readonly string[] };
  /** Its redirect URI when it has registered. */
  readonly returnsTo: string;
  /** The scope that it requests if nobody says what there is. */
  readonly fallbackScope?: string;
};

const BOTH = { grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] };
const PUBLIC = { ...BOTH, token_endpoint_auth_method: "none" };
const NATIVE = { ...PUBLIC, application_type: "native" };

export const CLIENT_PROFILES: readonly ClientProfile[] = [
  {
    key: "claude",
    name: "Claude",
    hosted: true,
    inBrowser: false,
    document: {
      url: "https://claude.ai/oauth/mcp-oauth-client-metadata",
      returnsTo: "https://claude.ai/api/mcp/auth_callback",
    },
    documentNeedsNone: true,
    registers: { ...PUBLIC, client_name: "Claude", redirect_uris: ["https://claude.ai/api/mcp/auth_callback"] },
    returnsTo: "https://claude.ai/api/mcp/auth_callback",
  },
  {
    key: "claude-code",
    name: "Claude Code",
    hosted: false,
    inBrowser: false,
    document: {
      url: "https://claude.ai/oauth/claude-code-client-metadata",
      returnsTo: "http://localhost:33333/callback",
    },
    documentNeedsNone: true,
    registers: { ...NATIVE, client_name: "Claude Code", redirect_uris: ["http://localhost:3118/callback"] },
    returnsTo: "http://localhost:33333/callback",
  },
  {
    key: "chatgpt",
    name: "ChatGPT",
    hosted: true,
    inBrowser: false,
    document: {
      url: "https://chatgpt.com/oauth/client.json",
      returnsTo: "https://chatgpt.com/connector_platform_oauth_redirect",
    },
    prefersSignature: true,
    registers: {
      ...PUBLIC,
      client_name: "ChatGPT",
      redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
    },
    returnsTo: "https://chatgpt.com/connector_platform_oauth_redirect",
  },
  {
    key: "codex",
    name: "Codex",
    hosted: false,
    inBrowser: false,
    document: { url: "https://chatgpt.com/oauth/codex/client.json", returnsTo: "http://127.0.0.1:37819/callback" },
    registers: { ...NATIVE, client_name: "Codex", redirect_uris: ["http://127.0.0.1:37819/callback/a1b2c3"] },
    returnsTo: "http://127.0.0.1:37819/callback/a1b2c3",
  },
  {
    key: "vscode",
    name: "VS Code",
    hosted: false,
    inBrowser: false,
    choosesGrants: true,
    document: { url: "https://vscode.dev/oauth/client-metadata.json", returnsTo: "http://127.0.0.1:33418/" },
    registers: {
      ...NATIVE,
      client_name: "Visual Studio Code",
      redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"],
      grant_types: [...BOTH.grant_types, "urn:ietf:params:oauth:grant-type:device_code"],
    },
    returnsTo: "http://127.0.0.1:33418/",
  },
  {
    key: "cursor",
    name: "Cursor",
    hosted: false,
    inBrowser: false,
    document: null,
    registers: {
      ...PUBLIC,
      client_name: "Cursor",
      redirect_uris: [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
      ],
    },
    returnsTo: "cursor://anysphere.cursor-mcp/oauth/callback",
  },
  {
    key: "inspector",
    name: "MCP Inspector",
    hosted: false,
    inBrowser: true,
    document: null,
    checksIss: true,
    registers: { ...NATIVE, client_name: "MCP Inspector", redirect_uris: ["http://localhost:6274/oauth/callback"] },
    returnsTo: "http://localhost:6274/oauth/callback",
  },
  {
    key: "mcp-remote",
    name: "mcp-remote",
    hosted: false,
    inBrowser: false,
    document: null,
    checksIss: true,
    registers: { ...NATIVE, client_name: "MCP CLI Proxy", redirect_uris: ["http://localhost:3335/oauth/callback"] },
    returnsTo: "http://localhost:3335/oauth/callback",
    fallbackScope: "openid email profile",
  },
];

/** The origin of the Inspector's page. */
export const INSPECTOR_ORIGIN = "http://localhost:6274";
