import { expect, test } from "vitest";
import { nameAuthenticator } from "../../src/lib/authenticators.ts";

test.each([
  ["bada5566-a7aa-401f-bd96-45619a55120d", "1Password"],
  ["FBFC3007-154E-4ECC-8C0B-6E020557D7BD", "Apple Passwords"],
  ["08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello"],
  ["fcb1bcb4-f370-078c-6993-bc24d0ae3fbe", "Ledger Nano X FIDO2 Authenticator"],
])("People: the authenticator %s is called %s", (aaguid, name) => {
  expect(nameAuthenticator(aaguid)).toBe(name);
});

test("People: one that doesn't say which it is has no name", () => {
  expect(nameAuthenticator("00000000-0000-0000-0000-000000000000")).toBeNull();
  expect(nameAuthenticator("__proto__")).toBeNull();
});
