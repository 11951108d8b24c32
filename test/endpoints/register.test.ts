import { describe, expect, test } from "vitest";
import { authorizationRequest, errorOf, postJson, REDIRECT_URI, registerClient } from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer } = await scene();
const register = (metadata: unknown) => postJson(`${issuer}/register`, metadata);

describe("R1 the answer to a registration", () => {
  test("R1 the answer repeats the effective metadata, without null values", async () => {
    const response = await register({
      redirect_uris: [REDIRECT_URI],
      client_name: "App",
      client_uri: "https://app.example",
      scope: "mcp:tools",
      logo_uri: null,
      software_id: "ignored",
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const information = (await response.json()) as Record<string, unknown>;
    expect(information).toMatchObject({
      client_id: expect.stringMatching(/^client_[\w-]{22}$/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.stringMatching(/^gths_[\w-]{53}$/),
      client_secret_expires_at: 0,
      client_name: "App",
      client_uri: "https://app.example",
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
      application_type: "web",
      scope: "mcp:tools",
      registration_client_uri: `${issuer}/register/${information["client_id"]}`,
      registration_access_token: expect.stringMatching(/^gthm_[\w-]{53}$/),
    });
    expect(Object.values(information)).not.toContain(null);
    expect(information).not.toHaveProperty("software_id");
    expect(Math.abs(Number(information["client_id_issued_at"]) - Date.now() / 1000)).toBeLessThan(10);
  });

  test("R1 a public client gets no secret", async () => {
    const client = await registerClient(gatehouse);
    expect(client).not.toHaveProperty("client_secret");
    expect(client).not.toHaveProperty("client_secret_expires_at");
  });

  test.each([
    ["mcp:prompts nope mcp:tools", "mcp:prompts mcp:tools"],
    ["mcp:tools offline_access", "mcp:tools offline_access"],
    ["openid email profile", undefined],
    ["nope", undefined],
    [undefined, undefined],
  ])("R1 a client that registers the scopes %j is told that it may ask for %j", async (scope, expected) => {
    const client = await registerClient(gatehouse, { scope });
    expect(client["scope"]).toBe(expected);
    const registration = String(client["registration_client_uri"]);
    const headers = { Authorization: `Bearer ${client["registration_access_token"]}` };
    expect(((await (await fetch(registration, { headers })).json()) as { scope?: string }).scope).toBe(expected);
  });
});

describe("R2 defaults", () => {
  test.each([
    [["http://localhost:1/cb"], "native"],
    [["http://127.0.0.1/cb", "cursor://x/cb"], "native"],
    [["https://app.example/cb"], "web"],
    [["https://app.example/cb", "http://localhost:1/cb"], "web"],
  ])("R2 the application type for %j is %s", async (redirect_uris, expected) => {
    expect((await registerClient(gatehouse, { redirect_uris }))["application_type"]).toBe(expected);
  });

  test.each(["native", "web"])("R2 the type %s is accepted with any set of URIs", async (application_type) => {
    const redirect_uris = ["https://app.example/cb", "http://localhost:1/cb", "cursor://x/cb"];
    expect((await registerClient(gatehouse, { redirect_uris, application_type }))["application_type"]).toBe(
      application_type,
    );
  });
});

describe("R3 what a registration may omit", () => {
  const grantsOf = async (metadata: Record<string, unknown>) =>
    (await registerClient(gatehouse, { grant_types: undefined, ...metadata }))["grant_types"];

  test.each(["http://localhost/cb", "http://127.0.0.1:3000/cb", "cursor://x/cb", "com.example.app:/cb"])(
    "R3 an app at %s that names no grant gets a refresh token too",
    async (uri) => {
      const both = ["authorization_code", "refresh_token"];
      for (const grant_types of [undefined, null, [], "", {}]) {
        expect(await grantsOf({ grant_types, redirect_uris: ["https://app.example/cb", uri] })).toEqual(both);
      }
      expect(await grantsOf({ grant_types: ["authorization_code"], redirect_uris: [uri] })).toEqual([
        "authorization_code",
      ]);
    },
  );

  test("RFC 7591 §2 an app on the web that names no grant gets only the code grant", async () => {
    expect(await grantsOf({ redirect_uris: [REDIRECT_URI] })).toEqual(["authorization_code"]);
  });

  test("R3 an empty text or object counts as absent", async () => {
    const client = await registerClient(gatehouse, {
      token_endpoint_auth_method: "",
      jwks_uri: "",
      jwks: {},
      scope: "",
      client_uri: "",
      response_types: {},
    });
    expect(client).toMatchObject({ token_endpoint_auth_method: "client_secret_basic", response_types: ["code"] });
    expect(client).not.toHaveProperty("jwks");
    expect(client).not.toHaveProperty("jwks_uri");
  });
});

describe("R3 redirect URIs", () => {
  test.each([
    [undefined],
    [null],
    [[]],
    ["https://app.example/cb"],
    [[1]],
    [Array.from({ length: 11 }, (_, n) => `https://app.example/${n}`)],
    [["http://app.example/cb", "unlisted://app/cb"]],
    [["https://app.example/cb#f"]],
    [["javascript:alert(1)"]],
    [[`https://app.example/${"a".repeat(2000)}`]],
  ])("R3 %j is refused", async (redirect_uris) => {
    expect(await errorOf(await register({ redirect_uris, token_endpoint_auth_method: "none" }))).toBe(
      "400 invalid_redirect_uri",
    );
  });

  test("R3 one that may not be registered is dropped beside others, and the answer doesn't contain it", async () => {
    const good = ["https://app.example/cb", "cursor://app/cb"];
    const bad = ["unlisted://app/cb", "http://app.example/cb", "javascript:alert(1)", "https://app.example/cb#f"];
    const client = await registerClient(gatehouse, { redirect_uris: [...bad, ...good] });
    expect(client.redirect_uris).toEqual(good);
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    for (const redirect_uri of bad) {
      const page = await browser.open((await authorizationRequest(gatehouse, client, { redirect_uri })).url);
      expect([page.status, page.left]).toEqual([400, null]);
    }
  });

  // What the clients' documentation and public reports show up to autumn 2026.
  test.each([
    "claude://oauth/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "goose://oauth/callback",
    "kiro://kiro.kiroAgent/authenticate-success",
    "mcpjam://oauth/callback",
    "raycast://oauth?package_name=mcp_server_(dev)",
    "vscode-insiders://vscode.github-authentication/did-authenticate",
    "vscodium://vscode.github-authentication/did-authenticate",
    "windsurf://codeium.windsurf/oauth/callback",
    "zed://oauth/callback",
    "com.example.app:/oauth",
  ])("R3 %s is accepted", async (uri) => {
    expect((await registerClient(gatehouse, { redirect_uris: [uri] })).redirect_uris).toEqual([uri]);
  });

  test("R3 ten redirect URIs of 2,000 characters are accepted while everything stored is at most 8 KB", async () => {
    const redirect_uris = Array.from({ length: 10 }, (_, n) =>
      `https://app.example/${n}`.padEnd(n < 3 ? 2000 : 200, "a"),
    );
    expect((await registerClient(gatehouse, { redirect_uris })).redirect_uris).toEqual(redirect_uris);
  });
});
