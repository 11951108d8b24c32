import fc from "fast-check";
import { expect, test } from "vitest";
import { mintToken } from "../../src/lib/token.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantTokens, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, resource } = gatehouse;
const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
const client = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
const tokens = await grantTokens(gatehouse, browser, client);
const session = browser.cookies.get("gatehouse_session") ?? "";

/** What a stranger may get: nothing of ours breaks, whatever they send. */
const DOCUMENTED = new Set([200, 201, 204, 303, 400, 401, 403, 404, 405, 413]);
const RUNS = Number(process.env["GARBAGE_RUNS"] ?? 300);

const paths = [
  "/",
  "/authorize",
  "/consent",
  "/account",
  "/account/connections/x",
  "/account/password",
  "/admin",
  "/admin/audit.ndjson",
  "/admin/clients/one",
  "/admin/resources/x",
  "/device",
  "/device_authorization",
  "/device/decide",
  "/health",
  "/introspect",
  "/login",
  "/login/passkey",
  "/login/recovery",
  "/logout",
  "/register",
  "/register/x",
  "/revoke",
  "/setup",
  "/setup/passkey",
  "/style.css",
  "/token",
  "/nowhere",
  "/.well-known/oauth-authorization-server",
];
const methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"];
const types = [
  "application/x-www-form-urlencoded",
  "application/json",
  "text/plain",
  "multipart/form-data; boundary=x",
  "",
  "a/b",
];

const names = [
  "grant_type",
  "after",
  "before",
  "challenge",
  "code",
  "continue",
  "credential",
  "csrf",
  "device_code",
  "email",
  "id",
  "password",
  "search",
  "user_code",
  "code_verifier",
  "redirect_uri",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
  "refresh_token",
  "scope",
  "resource",
  "token",
  "token_type_hint",
  "response_type",
  "state",
  "code_challenge",
  "code_challenge_method",
  "prompt",
  "max_age",
  "login_hint",
  "continue",
  "csrf",
  "email",
  "password",
  "request",
  "decision",
];
const nasty = [
  "",
  "\0",
  "'",
  '"',
  "'; drop table users; --",
  "%",
  "%00",
  "\ud800",
  "🙂",
  "{}",
  "[]",
  "null",
  "true",
  "-1",
  "9999999999999999999999",
  "a".repeat(10_000),
  "../..",
  "$(id)",
  "\r\nX: y",
  "\u202e",
  "constructor",
  "__proto__",
];
const known = [
  client.client_id,
  String(client.client_secret),
  tokens.refresh_token,
  tokens.access_token,
  resource.uri,
  resource.id,
  resource.secret,
  "authorization_code",
  "refresh_token",
  "code",
  "S256",
  "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhXHUwMDAwIn0.",
  await mintToken(gatehouse.owner.keys, "gthr"),
  await mintToken(gatehouse.owner.keys, "gthc"),
  "a".repeat(43),
  client.redirect_uris[0] ?? "",
];

const value = fc.oneof(
  fc.constantFrom(...nasty),
  fc.constantFrom(...known),
  fc.string({ maxLength: 50 }),
  fc.string({ unit: "binary", maxLength: 50 }),
);
const pairs = fc.array(
  fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: value }), value),
  { maxLength: 10 },
);
const json = fc.dictionary(
  fc.constantFrom(
    "redirect_uris",
    "client_name",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "scope",
    "jwks",
    "jwks_uri",
    "client_id",
    "client_uri",
    "application_type",
    "x",
  ),
  fc.oneof(fc.jsonValue(), value, fc.constant(["https://app.example/cb"]), fc.array(value, { maxLength: 3 })),
);
const body = fc.oneof(
  pairs.map((entries) => new URLSearchParams(entries).toString()),
  pairs.map((entries) => entries.map(([name, each]) => `${name}=${each}`).join("&")),
  json.map((each) => JSON.stringify(each)),
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 200 }),
);
const authorization = fc.oneof(
  fc.constant(null),
  fc.tuple(value, value).map(([name, secret]) => `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`),
  value.map((each) => `Bearer ${each}`),
  fc.constantFrom("Basic", "Bearer", "Basic =", "Digest x", "basic YTpi", ":"),
);
const isHeaderValue = (text: string) => /^[\x20-\x7e]*$/.test(text);

const request = fc.record({
  path: fc.constantFrom(...paths),
  query: fc.oneof(
    fc.constant(""),
    pairs.map((entries) => `?${new URLSearchParams(entries)}`),
    fc.string({ maxLength: 50 }).map((text) => `?${text.replace(/[#\s]/g, "")}`),
  ),
  method: fc.constantFrom(...methods),
  type: fc.constantFrom(...types),
  body,
  authorization,
  cookie: fc.oneof(
    fc.constant(null),
    fc.constant(`gatehouse_session=${session}`),
    value.map((each) => `gatehouse_session=${each}; gatehouse_nonce=${each}; gatehouse_device=${each}`),
  ),
});

test("R5 T8: any bytes at any endpoint give a documented status, and never a 500", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ path, query, method, type, body, authorization, cookie }) => {
      const headers = new Headers();
      if (type) headers.set("Content-Type", type);
      if (authorization !== null && isHeaderValue(authorization)) headers.set("Authorization", authorization);
      if (cookie !== null && isHeaderValue(cookie)) headers.set("Cookie", cookie);
      const hasBody = method !== "GET" && method !== "HEAD";
      const response = await fetch(issuer + path + query, {
        method,
        headers,
        redirect: "manual",
        ...(hasBody ? { body: new Blob([body as string]) } : {}),
      });
      const text = await response.text();
      expect(DOCUMENTED, `${method} ${path}: ${response.status} ${text}`).toContain(response.status);
      if (method !== "HEAD" && response.status >= 400 && response.headers.get("Content-Type")?.includes("json")) {
        const answer = JSON.parse(text) as Record<string, string>;
        expect(answer["error"]).toBeTruthy();
        expect(answer["error_description"]).toBeTruthy();
      }
      if (response.status === 401) expect(response.headers.get("WWW-Authenticate")).toBeTruthy();
    }),
    { numRuns: RUNS },
  );
  expect(gatehouse.logs.filter(({ message }) => message.includes('"fault"'))).toEqual([]);
});
