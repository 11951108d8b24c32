import { describe, expect, test } from "vitest";
import { authorizationRequest, errorOf, postJson, REDIRECT_URI, registerClient } from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer } = await scene();
const register = (metadata: unknown) => postJson(`${issuer}/register`, metadata);

describe("R1 the answer", () => {
  test("R1 echoes the effective metadata, without null values", async () => {
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
  ])("R1 of the scopes %j it is told that it may ask for %j", async (scope, expected) => {
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
  ])("R2 %j is %s", async (redirect_uris, expected) => {
    expect((await registerClient(gatehouse, { redirect_uris }))["application_type"]).toBe(expected);
  });

  test.each(["native", "web"])("R2 %s is taken as it is, for any set of URIs", async (application_type) => {
    const redirect_uris = ["https://app.example/cb", "http://localhost:1/cb", "cursor://x/cb"];
    expect((await registerClient(gatehouse, { redirect_uris, application_type }))["application_type"]).toBe(
      application_type,
    );
  });
});

describe("R3 what is left out", () => {
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

  test("RFC 7591 §2 one that is only on the web gets a code", async () => {
    expect(await grantsOf({ redirect_uris: [REDIRECT_URI] })).toEqual(["authorization_code"]);
  });

  test("R3 an empty text or object is absent", async () => {
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

  test("R3 one that may not be registered is dropped beside others, and missing from the answer", async () => {
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
  ])("R3 %s is taken", async (uri) => {
    expect((await registerClient(gatehouse, { redirect_uris: [uri] })).redirect_uris).toEqual([uri]);
  });

  test("R3 three of 2,000 characters are fine, and seven more; all that is stored is 8 KB at most", async () => {
    const redirect_uris = Array.from({ length: 10 }, (_, n) =>
      `https://app.example/${n}`.padEnd(n < 3 ? 2000 : 200, "a"),
    );
    expect((await registerClient(gatehouse, { redirect_uris })).redirect_uris).toEqual(redirect_uris);
  });
});

describe("R4 leniency", () => {
  test("R4 grant and response types that are not offered are dropped", async () => {
    const client = await registerClient(gatehouse, {
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer", "implicit"],
      response_types: ["code", "id_token"],
    });
    expect(client["grant_types"]).toEqual(["authorization_code", "refresh_token"]);
    expect(client["response_types"]).toEqual(["code"]);
  });

  test.each([
    [{ grant_types: ["implicit"] }],
    [{ grant_types: ["refresh_token"] }],
    [{ response_types: ["token"] }],
    [{ token_endpoint_auth_method: "client_secret_jwt" }],
    [{ token_endpoint_auth_method: "private_key_jwt" }],
    [{ token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [] } }],
    [{ token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }],
    [{ token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty: "RSA", n: "x", e: "AQAB", d: "x" }] } }],
    [{ token_endpoint_auth_method: "private_key_jwt", jwks_uri: "http://app.example/keys" }],
    [{ token_endpoint_auth_method: "private_key_jwt", jwks_uri: "https://127.0.0.1/keys" }],
    [{ token_endpoint_auth_method: "private_key_jwt", jwks_uri: "https://keys.internal/keys" }],
    [{ client_name: "x".repeat(201) }],
    [{ client_name: 7 }],
    [{ scope: ["mcp:tools"] }],
  ])("R4 %j is refused", async (metadata) => {
    expect(await errorOf(await register({ redirect_uris: [REDIRECT_URI], ...metadata }))).toBe(
      "400 invalid_client_metadata",
    );
  });

  test("R4 what is only shown is no reason to turn a client away", async () => {
    const client = await registerClient(gatehouse, {
      client_uri: "not a URL",
      application_type: "service",
      grant_types: [],
    });
    expect(client).not.toHaveProperty("client_uri");
    expect(client["application_type"]).toBe("web");
  });

  test("A7 a name can't hide characters", async () => {
    const client = await registerClient(gatehouse, { client_name: "Cl\u202eedu\u200ba\u0007l\u2066C " });
    expect(client["client_name"]).toBe("CledualC");
  });
});

describe("R4 clients without a browser", () => {
  const device = "urn:ietf:params:oauth:grant-type:device_code";

  test("R4 a device registers without redirect URIs, and is told what it may do", async () => {
    for (const grant_types of [[device], [device, "refresh_token", "client_credentials"]]) {
      const client = await registerClient(gatehouse, { grant_types, redirect_uris: undefined, response_types: [] });
      expect(client).toMatchObject({ redirect_uris: [], response_types: [] });
      expect(client["grant_types"]).not.toContain("client_credentials");
    }
    const both = await registerClient(gatehouse, { grant_types: ["authorization_code", device] });
    expect(both).toMatchObject({ redirect_uris: [REDIRECT_URI], response_types: ["code"] });
    expect(both["grant_types"]).toEqual(["authorization_code", device]);
  });

  test("R4 it has no use for redirect URIs, and can't be authorized in a browser with them", async () => {
    const client = await registerClient(gatehouse, { grant_types: [device] });
    expect(client.redirect_uris).toEqual([]);
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const { url } = await authorizationRequest(gatehouse, client, { redirect_uri: REDIRECT_URI });
    const page = await browser.open(url);
    expect([page.status, page.left]).toEqual([400, null]);
  });

  test("R4 a bad redirect URI is refused all the same", async () => {
    const redirect_uris = ["javascript:alert(1)"];
    expect(await errorOf(await register({ grant_types: [device], redirect_uris }))).toBe("400 invalid_redirect_uri");
  });
});

describe("R5 bad bodies", () => {
  test("R5 over 64 KiB is 413", async () => {
    expect(await errorOf(await register({ redirect_uris: [REDIRECT_URI], x: "x".repeat(65 * 1024) }))).toBe(
      "413 invalid_client_metadata",
    );
  });

  test.each([
    "",
    "{",
    "[]",
    "null",
    '"x"',
    "7",
    '{"redirect_uris":["https://a.example/\\u0000"]}',
    `${"[".repeat(9000)}`,
  ])("R5 the body %j is 400", async (body) => {
    expect(await errorOf(await register(body))).toMatch(/^400 invalid_(client_metadata|redirect_uri)$/);
  });

  test("R5 nested without end, half a surrogate pair and NUL are 400", async () => {
    for (const bad of [
      JSON.stringify({
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ kty: "RSA", x: "deep" }] },
      }).replace('"deep"', "[".repeat(40) + "]".repeat(40)),
      '{"client_name":"\\ud800"}',
      '{"scope":"a\\u0000b"}',
    ]) {
      expect(await errorOf(await register(bad))).toBe("400 invalid_client_metadata");
    }
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", ""])("R5 Content-Type %j is 400", async (type) => {
    const response = await fetch(`${issuer}/register`, {
      method: "POST",
      body: new Blob([JSON.stringify({ redirect_uris: [REDIRECT_URI] })]),
      headers: type ? { "Content-Type": type } : {},
    });
    expect(await errorOf(response)).toBe("400 invalid_client_metadata");
  });
});
