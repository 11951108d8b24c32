import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addToRedirectUri,
  findRedirectUriProblem,
  isLoopbackRedirectUri,
  matchesRedirectUri,
} from "../../src/oauth/redirect-uri.ts";

const SCHEMES = ["cursor", "vscode"];

describe("R3: which redirect URIs may be registered", () => {
  test.each([
    "https://claude.ai/api/mcp/auth_callback",
    "https://app.example/callback?tenant=1",
    "http://localhost/callback",
    "http://localhost:8787/callback",
    "http://127.0.0.1/",
    "http://127.0.0.1:33418",
    "http://[::1]:3000/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "com.example.app:/callback",
  ])("R3 %s may be registered", (uri) => expect(findRedirectUriProblem(uri, SCHEMES)).toBeNull());

  test.each([
    "",
    "callback",
    "/callback",
    "//app.example/callback",
    "http://app.example/callback",
    "http://localhost.evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.2/",
    "https://app.example/#fragment",
    "https://app.example/#",
    "https://user@app.example/",
    "https://user:pass@app.example/",
    "https:app.example/callback",
    "https:///callback",
    "https://app.example\\@evil.example/",
    "https://app.example/ callback",
    "https://app.example/\tcallback",
    "https://app.example/\ncallback",
    "https://äpp.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "unknown://callback",
    `https://app.example/${"a".repeat(2000)}`,
  ])("R3 %j may not be registered", (uri) => expect(findRedirectUriProblem(uri, SCHEMES)).not.toBeNull());
});

describe("A1: whether a requested redirect URI is the registered one", () => {
  test.each([
    ["http://localhost/callback", "http://localhost:49152/callback"],
    ["http://localhost:8787/callback", "http://localhost:1/callback"],
    ["http://127.0.0.1/", "http://127.0.0.1:33418/"],
    ["http://[::1]/cb?a=b", "http://[::1]:65535/cb?a=b"],
    ["http://127.0.0.1:1", "http://127.0.0.1"],
  ])("A1 %s also matches %s", (registered, requested) => expect(matchesRedirectUri(requested, registered)).toBe(true));

  test.each([
    ["http://localhost/callback", "http://127.0.0.1/callback"],
    ["http://localhost/callback", "http://[::1]/callback"],
    ["http://localhost/callback", "https://localhost/callback"],
    ["http://localhost/callback", "http://localhost:49152/other"],
    ["http://localhost/callback", "http://localhost:49152/callback/"],
    ["http://localhost/callback", "http://localhost:49152/callback?x=1"],
    ["http://localhost/callback", "http://localhost:0/callback"],
    ["http://localhost/callback", "http://localhost:65536/callback"],
    ["http://localhost/callback", "http://localhost:80@evil.example/callback"],
    ["http://localhost/callback", "http://localhost.evil.example:80/callback"],
    ["http://localhost/callback", "http://LOCALHOST:80/callback"],
    ["http://localhost", "http://localhost:1/"],
    ["https://app.example/callback", "https://app.example:8443/callback"],
    ["https://app.example/callback", "https://app.example/callback/../evil"],
    ["https://app.example/callback", "https://APP.example/callback"],
    ["https://app.example/callback", "https://app.example/callback%2f"],
  ])("A1 %s doesn't match %s", (registered, requested) =>
    expect(matchesRedirectUri(requested, registered)).toBe(false),
  );

  test("A1 a match is always equality of strings, apart from the port of a loopback URI", () => {
    const host = fc.constantFrom("localhost", "127.0.0.1", "[::1]", "evil.example", "localhost.evil.example");
    const port = fc.constantFrom("", ":0", ":1", ":80", ":65535", ":99999", ":80@evil.example", ": 1");
    const rest = fc.constantFrom("", "/", "/cb", "/cb?x=1", "/cb#f", "/cb/../x", "?x", "\\cb");
    const scheme = fc.constantFrom("http", "https", "HTTP", "cursor");
    const uri = fc.oneof(
      fc.tuple(scheme, host, port, rest).map(([s, h, p, r]) => `${s}://${h}${p}${r}`),
      fc.string(),
      fc.webUrl({ withQueryParameters: true }),
    );
    const withoutPort = (text: string) =>
      text.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d{1,5}(?=$|[/?])/, "$1");
    fc.assert(
      fc.property(uri, uri, (requested, registered) => {
        if (matchesRedirectUri(requested, registered)) expect(withoutPort(requested)).toBe(withoutPort(registered));
      }),
      { numRuns: 5000 },
    );
  });
});

test("A4: a redirect URI keeps its own query, and state comes back byte for byte", () => {
  const state = "a b+c&d=e%20ä\u0000🙂";
  for (const uri of ["https://a.example/cb", "https://a.example/cb?x=1", "https://a.example/cb?", "cursor://cb"]) {
    const location = addToRedirectUri(uri, { state, code: "c", absent: null });
    expect(location.startsWith(uri)).toBe(true);
    const params = new URLSearchParams(location.slice(location.indexOf("?")));
    expect(params.get("state")).toBe(state);
    expect(params.has("absent")).toBe(false);
    if (uri.includes("x=1")) expect(params.get("x")).toBe("1");
  }
});

test("R3: a URI counts as loopback only if it leads to this machine over http", () => {
  expect(isLoopbackRedirectUri("http://localhost:1/cb")).toBe(true);
  expect(isLoopbackRedirectUri("http://localhost.evil.example/cb")).toBe(false);
  expect(isLoopbackRedirectUri("https://localhost/cb")).toBe(false);
});
