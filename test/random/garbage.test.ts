import fc from "fast-check";
import { expect, test } from "vitest";
import { mintToken } from "../../src/lib/token.ts";
import { programToken, trustIssuer, vouch } from "../support/issuer.ts";
import { grantTokens, registerClient } from "../support/oauth-client.ts";
import { RUNS_FACTOR } from "../support/random.ts";
import { ownerScene } from "../support/scene.ts";
import { readServerMap } from "../support/server-map.ts";

const { gatehouse, issuer, owner, browser } = await ownerScene();
const { resource } = gatehouse;
const client = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
const tokens = await grantTokens(gatehouse, browser, client);
const acme = await trustIssuer(gatehouse);
const session = browser.cookies.get("gatehouse_session") ?? "";

/** The answers that a stranger may get: nothing of ours breaks, whatever they send. */
const DOCUMENTED = new Set([200, 201, 204, 303, 400, 401, 403, 404, 405, 413]);
const RUNS = 300 * RUNS_FACTOR;

const connection = /\/account\/connections\/[\w-]+/.exec(
  (await browser.open(`${issuer}/account`)).html.toString(),
)?.[0];
// Half of them with an id that exists.
const routes = readServerMap().flatMap((route) => [
  route,
  {
    ...route,
    path: route.path
      .replace(/\/account\/connections\/[^/]+/, connection ?? "")
      .replace(/\/admin\/resources\/[^/]+/, `/admin/resources/${resource.id}`),
  },
]);
const paths = [...new Set(routes.map(({ path }) => path)), "/nowhere"];
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
  ...["assertion", "audience", "by", "claims", "issuer", "joining", "kind", "program", "server", "tenant"],
  ...[
    "after",
    "before",
    "challenge",
    "client",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
  ],
  ...["code", "code_challenge", "code_challenge_method", "code_verifier", "continue", "credential", "days", "decision"],
  ...["default", "device_code", "duration", "email", "event", "grant_type", "id"],
  ...["label", "link", "login_hint", "max_age", "max_days", "name", "passkey", "password", "prompt"],
  ...[
    "redirect_uri",
    "refresh_token",
    "request",
    "resource",
    "response_type",
    "role",
    "scope",
    "scope_default",
    "scope_description",
    "scope_implies",
    "scope_name",
    "search",
    "session",
  ],
  ...["change", "state", "token", "token_type_hint", "uri", "user", "user_code", "uses"],
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
  owner.email,
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
  "urn:ietf:params:oauth:grant-type:jwt-bearer",
  await vouch(gatehouse, acme, client.client_id, { resource: {}, scope: [], cnf: null }),
  await vouch(gatehouse, acme, client.client_id, { iss: "a\0b", exp: 1e300, jti: {}, aud: [[]] }),
  await programToken(gatehouse, acme, { iat: -1e300, exp: "x", sub: ["\ud800"] }),
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
  route: fc.oneof(
    fc.constantFrom(...routes),
    fc.record({ path: fc.constantFrom(...paths), method: fc.constantFrom(...methods) }),
  ),
  query: fc.oneof(
    fc.constant(""),
    pairs.map((entries) => `?${new URLSearchParams(entries)}`),
    fc.string({ maxLength: 50 }).map((text) => `?${text.replace(/[#\s]/g, "")}`),
  ),
  type: fc.constantFrom(...types),
  body,
  authorization,
  cookie: fc.oneof(
    fc.constant(null),
    fc.constant(`gatehouse_session=${session}`),
    value.map((each) => `gatehouse_session=${each}; gatehouse_nonce=${each}; gatehouse_browser=${each}`),
  ),
});

test("R5 T8: any bytes at any endpoint get a documented status, and never a 500", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ route: { path, method }, query, type, body, authorization, cookie }) => {
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
      await expectDocumented(response, `${method} ${path}`);
    }),
    { numRuns: RUNS },
  );
  expect(faults()).toEqual([]);
});

test("T8: any fields in any form, sent by an owner from one of our pages, get a page, and never a 500", {
  timeout: 120_000,
}, async () => {
  const forms = routes.filter(({ method, path, isPage }) => method === "POST" && isPage && path !== "/logout");
  const page = await browser.open(`${issuer}/account`);
  const csrf = page.html.querySelector("input[name=csrf]")?.getAttribute("value") ?? "";
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...forms), pairs, async ({ path }, fields) => {
      const response = await fetch(issuer + path, {
        method: "POST",
        headers: { Cookie: `gatehouse_session=${session}` },
        redirect: "manual",
        body: new URLSearchParams([...fields, ["csrf", csrf]]),
      });
      const text = await response.text();
      // Wrong guesses of codes and passwords are counted.
      expect([...DOCUMENTED, 429], `${path}: ${response.status} ${text}`).toContain(response.status);
      expect(text).not.toContain("did not come from a page");
    }),
    { numRuns: RUNS },
  );
  expect(faults()).toEqual([]);
});

async function expectDocumented(response: Response, what: string) {
  const text = await response.text();
  expect(DOCUMENTED, `${what}: ${response.status} ${text}`).toContain(response.status);
  if (text !== "" && response.status >= 400 && response.headers.get("Content-Type")?.includes("json")) {
    const answer = JSON.parse(text) as Record<string, string>;
    expect(answer["error"]).toBeTruthy();
    expect(answer["error_description"]).toBeTruthy();
  }
  if (response.status === 401) expect(response.headers.get("WWW-Authenticate")).toBeTruthy();
}

const faults = () => gatehouse.logs.filter(({ message }) => message.includes('"fault"'));
