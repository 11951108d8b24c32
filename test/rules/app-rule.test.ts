import { describe, expect, test } from "vitest";
import { hostOfUri } from "../../src/lib/uri-host.ts";
import { readAppPattern } from "../../src/oauth/app-rule.ts";

describe("R3 the place that a redirect URI leads to, in the words of a rule", () => {
  test.each([
    ["https://claude.ai/api/mcp/auth_callback", "claude.ai"],
    ["https://CLAUDE.ai:8443/cb", "claude.ai"],
    ["https://evil.example./cb", "evil.example"],
    ["https://ev%69l.example/cb", "evil.example"],
    ["https://@evil.example/cb", "evil.example"],
    ["https://2130706433/cb", "127.0.0.1"],
    ["http://localhost:6274/oauth/callback", "loopback"],
    ["http://127.0.0.1/callback", "loopback"],
    ["http://[::1]:1/", "loopback"],
    ["http://127.1/cb", "loopback"],
    // Only http on this machine is RFC 8252's loopback.
    ["https://localhost/cb", "localhost"],
    ["cursor://anysphere.cursor-mcp/oauth/callback", "cursor:"],
    ["com.example.app:/cb", "com.example.app:"],
    ["not a uri", null],
    ["", null],
  ])("R3 a rule takes %s to lead to %s", (uri, host) => expect(hostOfUri(uri)).toBe(host));
});

describe("R3 the apps that a rule is for", () => {
  test.each([
    ["document", "claude.ai", "claude.ai"],
    ["document", " Claude.AI ", "claude.ai"],
    ["document", "https://claude.ai/", "claude.ai"],
    ["document", "*.example.com", "*.example.com"],
    ["document", "bücher.example", "xn--bcher-kva.example"],
    ["document", "example.com.", "example.com"],
    ["document", "", "*"],
    ["document", "loopback", "loopback"],
    ["document", "cursor:", null],
    ["document", "*", "*"],
    ["document", "*.*.com", null],
    ["document", "exa*mple.com", null],
    ["document", "example.com/path", null],
    ["document", "a@b.example", null],
    ["document", "example.com:8443", null],
    ["redirect", "loopback", "loopback"],
    ["redirect", "cursor:", "cursor:"],
    ["redirect", "*:", "*:"],
    ["redirect", "https:", null],
    ["redirect", "http:", null],
    ["registered", "", "*"],
    ["registered", "example.com", null],
  ] as const)("R3 a %s rule for %j is kept as %s", (kind, typed, pattern) =>
    expect(readAppPattern(kind, typed)).toBe(pattern),
  );
});
