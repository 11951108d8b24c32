import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { createInternet } from "../support/internet.ts";
import {
  grantCode,
  isActive,
  redeem,
  refresh,
  registerClient,
  type TestClient,
  type Tokens,
} from "../support/oauth-client.ts";

const internet = createInternet();
const gatehouse = await startGatehouse({ outbound: internet.outbound });
const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
const BOTH = ["authorization_code", "refresh_token"];

/** How a client is known to ask: the redirect URIs it sends, and what else it sends along. */
type Habit = {
  readonly redirectUris: readonly string[];
  readonly params?: Record<string, string>;
  readonly fields?: () => Promise<Record<string, string>>;
};

/** The whole way, once for each redirect URI that the client is known to send. */
async function goesThrough(
  client: TestClient,
  { redirectUris, params = {}, fields = async () => ({}) }: Habit,
): Promise<void> {
  for (const redirect_uri of redirectUris) {
    const grant = await grantCode(gatehouse, browser, client, { redirect_uri, ...params });
    const resource = `${gatehouse.resource.uri}/`;
    const response = await redeem(gatehouse, client, grant, { resource, ...(await fields()) });
    expect(response.status, redirect_uri).toBe(200);
    const tokens = (await response.json()) as Tokens;
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    const refreshed = await refresh(gatehouse, client, tokens.refresh_token, { resource, ...(await fields()) });
    expect(refreshed.status).toBe(200);
    expect(((await refreshed.json()) as Tokens).scope).toBe(tokens.scope);
  }
}

function publish(document: Record<string, unknown> & { client_id: string }): TestClient {
  internet.serve(document.client_id, document, { "Cache-Control": "public, max-age=3600" });
  return { redirect_uris: [], ...document };
}

describe("clients of metadata documents", () => {
  test("Claude", () =>
    goesThrough(
      publish({
        client_id: "https://claude.ai/oauth/mcp-oauth-client-metadata",
        client_name: "Claude",
        client_uri: "https://claude.ai",
        redirect_uris: ["https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"],
        grant_types: [...BOTH, "urn:ietf:params:oauth:grant-type:jwt-bearer"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      }),
      { redirectUris: ["https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"] },
    ));

  test("Claude Code, on any port", () =>
    goesThrough(
      publish({
        client_id: "https://claude.ai/oauth/claude-code-client-metadata",
        client_name: "Claude Code",
        redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
        grant_types: BOTH,
        token_endpoint_auth_method: "none",
      }),
      { redirectUris: ["http://localhost:54545/callback", "http://127.0.0.1:3118/callback"] },
    ));

  test("ChatGPT, with its keys and without", async () => {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    internet.serve("https://chatgpt.com/oauth/jwks.json", {
      keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" }],
    });
    const client = publish({
      client_id: "https://chatgpt.com/oauth/client.json",
      client_name: "ChatGPT",
      redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
      grant_types: BOTH,
      response_types: ["code", "id_token"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
      token_endpoint_auth_signing_alg: "RS256",
      jwks_uri: "https://chatgpt.com/oauth/jwks.json",
    });
    const redirectUris = ["https://chatgpt.com/connector_platform_oauth_redirect"];
    await goesThrough(client, { redirectUris });
    const fields = async () => ({
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setIssuer(client.client_id)
        .setSubject(client.client_id)
        // Seen in production logs of two other servers in autumn 2026, while a third saw the issuer.
        .setAudience(`${gatehouse.issuer}/token`)
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(privateKey),
    });
    await goesThrough(client, { redirectUris, fields });
  });

  test("VS Code", () =>
    goesThrough(
      publish({
        client_id: "https://vscode.dev/oauth/client-metadata.json",
        client_name: "Visual Studio Code",
        redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"],
        grant_types: [...BOTH, "urn:ietf:params:oauth:grant-type:device_code"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      }),
      { redirectUris: ["https://vscode.dev/redirect", "http://127.0.0.1:33418/", "http://127.0.0.1:60001/"] },
    ));
});

describe("clients that register dynamically", () => {
  test.each<[string, Record<string, unknown>, Habit]>([
    [
      "VS Code",
      {
        client_name: "Visual Studio Code",
        application_type: "native",
        redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"],
        grant_types: [...BOTH, "urn:ietf:params:oauth:grant-type:device_code"],
      },
      { redirectUris: ["https://vscode.dev/redirect", "http://127.0.0.1:61234/"] },
    ],
    [
      "Cursor, three URIs in one request",
      {
        client_name: "Cursor",
        redirect_uris: [
          "cursor://anysphere.cursor-mcp/oauth/callback",
          "https://www.cursor.com/agents/mcp/oauth/callback",
          "http://localhost:8787/callback",
        ],
      },
      {
        redirectUris: [
          "cursor://anysphere.cursor-mcp/oauth/callback",
          "https://www.cursor.com/agents/mcp/oauth/callback",
          "http://localhost:8787/callback",
        ],
      },
    ],
    [
      "Codex",
      { client_name: "Codex", application_type: "native", redirect_uris: ["http://127.0.0.1:1455/callback"] },
      { redirectUris: ["http://127.0.0.1:1455/callback", "http://127.0.0.1:40123/callback"] },
    ],
    [
      "MCP Inspector",
      { client_name: "MCP Inspector", redirect_uris: ["http://localhost:6274/oauth/callback"], scope: "mcp:tools" },
      { redirectUris: ["http://localhost:6274/oauth/callback"], params: { scope: "mcp:tools", prompt: "consent" } },
    ],
    [
      "mcp-remote, with its fallback scope",
      {
        client_name: "mcp-remote",
        redirect_uris: ["http://localhost:3335/oauth/callback"],
        scope: "openid email profile",
      },
      { redirectUris: ["http://localhost:49150/oauth/callback"], params: { scope: "openid email profile" } },
    ],
    [
      "Claude Code",
      { client_name: "Claude Code", redirect_uris: ["http://localhost:54545/callback"] },
      {
        redirectUris: ["http://localhost:33333/callback"],
        params: { scope: "mcp:tools offline_access", prompt: "consent" },
      },
    ],
  ])("%s", async (_, metadata, habit) => goesThrough(await registerClient(gatehouse, metadata), habit));

  test("a client that omits the method and sends its secret in the body", async () => {
    const client = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
    await goesThrough(client, { redirectUris: client.redirect_uris });
  });
});
