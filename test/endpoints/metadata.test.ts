import { describe, expect, test } from "vitest";
import { addResource } from "../../src/flows/admin/resources.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { postForm } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ vars: { CORS_ORIGINS: "https://inspector.example tauri://localhost" } });
const { issuer } = gatehouse;
const METADATA = `${issuer}/.well-known/oauth-authorization-server`;

describe("metadata", () => {
  test("M1 the document is JSON, with the issuer byte for byte and no trailing slash", async () => {
    const response = await fetch(METADATA);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(((await response.json()) as { issuer: string }).issuer).toBe(issuer);
  });

  test("M1 every endpoint and grant that it lists works", async () => {
    const metadata = (await (await fetch(METADATA)).json()) as Record<string, unknown>;
    for (const [name, url] of Object.entries(metadata)) {
      if (!name.endsWith("_endpoint")) continue;
      const response = await fetch(String(url), { method: name === "authorization_endpoint" ? "GET" : "POST" });
      expect(response.status, name).not.toBe(404);
      expect(response.status, name).toBeLessThan(500);
    }
    const grants = metadata["grant_types_supported"] as string[];
    // No issuer is trusted here.
    expect(grants).not.toContain("urn:ietf:params:oauth:grant-type:jwt-bearer");
    for (const grant_type of grants) {
      const refused = await (await postForm(String(metadata["token_endpoint"]), { grant_type })).json();
      expect(refused, grant_type).not.toMatchObject({ error: "unsupported_grant_type" });
    }
    expect((await fetch(String(metadata["service_documentation"]))).status).toBe(200);
  });

  test("M2 the document says what the server supports", async () => {
    expect(await (await fetch(METADATA)).json()).toEqual({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device_authorization`,
      registration_endpoint: `${issuer}/register`,
      revocation_endpoint: `${issuer}/revoke`,
      introspection_endpoint: `${issuer}/introspect`,
      service_documentation: `${issuer}/`,
      scopes_supported: ["mcp:tools", "mcp:resources", "mcp:prompts", "offline_access"],
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: expect.arrayContaining([
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
      ]),
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
      token_endpoint_auth_signing_alg_values_supported: ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"],
      revocation_endpoint_auth_methods_supported: [
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
      ],
      revocation_endpoint_auth_signing_alg_values_supported: ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"],
      introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "Bearer"],
      code_challenge_methods_supported: ["S256"],
      dpop_signing_alg_values_supported: ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
  });

  test("M2 scopes_supported lists what the resources offered at most a minute ago, even during an outage", async () => {
    const scopes = async () => {
      const response = await fetch(METADATA);
      expect(response.status).toBe(200);
      return ((await response.json()) as { scopes_supported: string[] }).scopes_supported;
    };
    await scopes();
    const scope = { name: "notes:read", description: "Read notes" };
    const input = { uri: "https://notes.example/mcp", name: "Notes", scopes: [scope], isDefault: false };
    expect(await addResource(gatehouse.owner, input)).not.toHaveProperty("problem");
    gatehouse.services.neon.inject("refuse");
    await gatehouse.moveClock(61);
    expect(await scopes()).toEqual(["mcp:tools", "mcp:resources", "mcp:prompts", "offline_access"]);
    gatehouse.services.neon.reset();
    await gatehouse.moveClock(122);
    await scopes();
    await expect.poll(scopes).toEqual(["mcp:tools", "mcp:resources", "mcp:prompts", "notes:read", "offline_access"]);
    await gatehouse.moveClock(0);
  });

  test("M3 there is no OpenID configuration", async () => {
    expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(404);
  });
});

describe("CORS", () => {
  const endpoints = [
    "/.well-known/oauth-authorization-server",
    "/register",
    "/token",
    "/device_authorization",
    "/revoke",
    "/introspect",
  ];
  const preflight = (path: string, origin: string) =>
    fetch(issuer + path, {
      method: "OPTIONS",
      headers: {
        Origin: origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version,dpop",
      },
    });

  test.each(endpoints)("M4 %s allows the configured origin", async (path) => {
    const response = await preflight(path, "https://inspector.example");
    expect(response.status).toBe(204);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://inspector.example");
    const allowed = response.headers.get("Access-Control-Allow-Headers")?.toLowerCase().split(/,\s*/);
    expect(allowed).toEqual(expect.arrayContaining(["content-type", "authorization", "mcp-protocol-version", "dpop"]));
  });

  test.each(endpoints)("M4 %s allows no other origin, and never every origin", async (path) => {
    const response = await preflight(path, "https://evil.example");
    expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
  });

  test("M4 an app's own origin is allowed exactly as its browser sends it", async () => {
    const allowed = async (origin: string) =>
      (await preflight("/token", origin)).headers.get("Access-Control-Allow-Origin");
    expect(await allowed("tauri://localhost")).toBe("tauri://localhost");
    for (const other of ["tauri://evil", "tauri://localhost:1", "null"]) expect(await allowed(other)).toBeNull();
  });

  test("M4 development allows every port of this machine", async () => {
    for (const origin of ["http://localhost:6274", "http://127.0.0.1:1"]) {
      expect((await preflight("/token", origin)).headers.get("Access-Control-Allow-Origin")).toBe(origin);
    }
    const lookAlike = await preflight("/token", "http://localhost.evil.example");
    expect(lookAlike.headers.get("Access-Control-Allow-Origin")).toBeNull();
  });

  test("M4 errors have CORS headers too, and expose what clients have to read", async () => {
    const response = await fetch(`${issuer}/token`, {
      method: "POST",
      headers: { Origin: "https://inspector.example" },
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://inspector.example");
    expect(response.headers.get("Access-Control-Expose-Headers")).toContain("WWW-Authenticate");
    expect(response.headers.get("Access-Control-Expose-Headers")).toContain("Retry-After");
  });

  test.each(["/authorize", "/login", "/consent", "/device", "/"])("M4 %s has no CORS headers", async (path) => {
    for (const method of ["GET", "OPTIONS", "POST"]) {
      const response = await fetch(issuer + path, { method, headers: { Origin: "https://inspector.example" } });
      expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
    }
  });

  test.each(endpoints)("M5 %s answers any method without a redirect, even with a slash at its end", async (path) => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
      for (const address of [path, `${path}/`, `${path}?x=1`]) {
        const response = await fetch(issuer + address, { method, redirect: "manual" });
        expect(response.status < 300 || response.status >= 400, `${method} ${address}`).toBe(true);
        expect(response.headers.get("Location"), `${method} ${address}`).toBeNull();
      }
    }
  });

  test("M5 the metadata is also served with a slash at the end of its URL", async () => {
    expect(await (await fetch(`${METADATA}/`)).json()).toEqual(await (await fetch(METADATA)).json());
  });
});
