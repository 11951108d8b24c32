import { describe, expect, test } from "vitest";
import { authorizationRequest, errorOf, postJson, REDIRECT_URI, registerClient } from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer } = await scene();
const register = (metadata: unknown) => postJson(`${issuer}/register`, metadata);

describe("R4 leniency", () => {
  test("R4 grant and response types that aren't offered are dropped", async () => {
    const client = await registerClient(gatehouse, {
      grant_types: ["authorization_code", "refresh_token", "urn:openid:params:grant-type:ciba", "implicit"],
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

  test("R4 a wrong value of a member that is only displayed is ignored", async () => {
    const client = await registerClient(gatehouse, {
      client_uri: "not a URL",
      application_type: "service",
      grant_types: [],
    });
    expect(client).not.toHaveProperty("client_uri");
    expect(client["application_type"]).toBe("web");
  });

  test("A7 a client name can't contain invisible characters", async () => {
    const client = await registerClient(gatehouse, { client_name: "Cl\u202eedu\u200ba\u0007l\u2066C " });
    expect(client["client_name"]).toBe("CledualC");
  });
});

describe("R4 clients without a browser", () => {
  const device = "urn:ietf:params:oauth:grant-type:device_code";

  test("R4 a device registers without redirect URIs, and is told which grants it has", async () => {
    for (const grant_types of [[device], [device, "refresh_token", "client_credentials"]]) {
      const client = await registerClient(gatehouse, { grant_types, redirect_uris: undefined, response_types: [] });
      expect(client).toMatchObject({ redirect_uris: [], response_types: [] });
      expect(client["grant_types"]).not.toContain("client_credentials");
    }
    const both = await registerClient(gatehouse, { grant_types: ["authorization_code", device] });
    expect(both).toMatchObject({ redirect_uris: [REDIRECT_URI], response_types: ["code"] });
    expect(both["grant_types"]).toEqual(["authorization_code", device]);
  });

  test("R4 a device's redirect URIs are dropped, and it can't be authorized in a browser with them", async () => {
    const client = await registerClient(gatehouse, { grant_types: [device] });
    expect(client.redirect_uris).toEqual([]);
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const { url } = await authorizationRequest(gatehouse, client, { redirect_uri: REDIRECT_URI });
    const page = await browser.open(url);
    expect([page.status, page.left]).toEqual([400, null]);
  });

  test("R4 a bad redirect URI is still refused", async () => {
    const redirect_uris = ["javascript:alert(1)"];
    expect(await errorOf(await register({ grant_types: [device], redirect_uris }))).toBe("400 invalid_redirect_uri");
  });
});

describe("R5 bodies that can't be read", () => {
  test("R5 a body over 64 KiB is 413", async () => {
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

  test("R5 a body with endless nesting, half a surrogate pair or NUL is 400", async () => {
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

  test.each([
    [{ client_name: 7 }, "client_name: Invalid input: expected string, received number."],
    [{ client_name: "x".repeat(201) }, "client_name: Too big: expected string to have <=200 characters."],
  ])("R5 the error for %j names the member and the problem: %s", async (bad, description) => {
    const answer = await (await register({ redirect_uris: [REDIRECT_URI], ...bad })).json();
    expect(answer).toMatchObject({ error: "invalid_client_metadata", error_description: description });
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
