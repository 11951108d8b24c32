import fc from "fast-check";
import { expect, test } from "vitest";
import { OAuthError } from "../../src/oauth/errors.ts";
import { grantableScopes, parseScope } from "../../src/oauth/scope.ts";

const OFFERED = [
  { name: "mcp:tools", isDefault: true },
  { name: "mcp:resources", isDefault: true },
  { name: "mcp:admin", isDefault: false },
];

test("RFC 6749 §3.3: a scope is a list of tokens separated by spaces, each of which counts once", () => {
  expect(parseScope(undefined)).toBeNull();
  expect(parseScope("  ")).toBeNull();
  expect(parseScope("a b a")).toEqual(["a", "b"]);
  expect(() => parseScope('a"b')).toThrow(OAuthError);
  expect(() => parseScope("a\u0007")).toThrow(OAuthError);
});

test("People: scopes that clients send out of habit, such as openid, ask for nothing", () => {
  expect(parseScope("openid email profile offline_access")).toBeNull();
  expect(parseScope("offline_access mcp:tools")).toEqual(["mcp:tools"]);
});

test("People: a request without any known scope gets the default scopes, and unknown ones are dropped", () => {
  expect(grantableScopes(null, OFFERED)).toEqual(["mcp:tools", "mcp:resources"]);
  expect(grantableScopes(["mcp:admin", "unknown"], OFFERED)).toEqual(["mcp:admin"]);
  expect(grantableScopes(["unknown"], OFFERED)).toEqual(["mcp:tools", "mcp:resources"]);
  const none = OFFERED.map((scope) => ({ ...scope, isDefault: false }));
  expect(() => grantableScopes(["unknown"], none)).toThrow("none of the requested scopes");
});

test("People: granted scopes are always among those requested and offered", () => {
  const name = fc.constantFrom<string>("a", "b", "c", "d");
  const offered = fc.uniqueArray(fc.record({ name, isDefault: fc.boolean() }), { selector: (scope) => scope.name });
  fc.assert(
    fc.property(fc.option(fc.array(name)), offered, (requested, scopes) => {
      let granted: string[] = [];
      try {
        granted = grantableScopes(requested, scopes);
      } catch {
        return;
      }
      expect(granted.length).toBeGreaterThan(0);
      for (const scope of granted) {
        expect(scopes.map((each) => each.name)).toContain(scope);
        const isDefault = scopes.some((each) => each.name === scope && each.isDefault);
        const knowsAny = scopes.some((each) => requested?.includes(each.name));
        expect(knowsAny ? requested?.includes(scope) : isDefault).toBe(true);
      }
    }),
  );
});
