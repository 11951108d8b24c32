import { expect, test } from "vitest";
import { scopeKind } from "../../src/oauth/scope-kind.ts";

test.each([
  ["weather:read", [], "read"],
  ["mcp:resources", [], "read"],
  ["files.readonly", [], "read"],
  ["mcp:tools", [], "change"],
  ["weather:write", ["weather:read"], "change"],
  ["already", [], "change"],
  ["weather:admin", [], "broad"],
  ["*", [], "broad"],
  ["everything", ["weather:read", "weather:write"], "broad"],
] as const)("People: %s, which includes %j, is shown as %s", (name, implies, kind) => {
  expect(scopeKind({ name, implies })).toBe(kind);
});
