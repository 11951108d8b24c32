import { expect, test } from "vitest";
import { hashPassword, verifyPassword } from "../../src/lib/password.ts";
import { findPasswordProblem } from "../../src/lib/password-policy.ts";

test("P3: a password is hashed by scrypt with a salt of its own, and the parameters are kept beside the hash", async () => {
  const hash = await hashPassword("Correct horse 1");
  expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w-]{22}\$[\w-]{43}$/);
  expect(await hashPassword("Correct horse 1")).not.toBe(hash);
  expect(await verifyPassword("Correct horse 1", hash)).toEqual({ matches: true, outdated: false });
  expect(await verifyPassword("Correct horse 2", hash)).toEqual({ matches: false, outdated: false });
});

test("P3: a hash with other parameters still verifies, and is reported as outdated", async () => {
  // scrypt("Correct horse 1", salt of 16 zero bytes, N=2^10, r=8, p=1), computed with OpenSSL.
  const hash = "$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$liepQe5goI4nJGNq-LNVIlABdzQMR98uXpcVC4LE-48";
  expect(await verifyPassword("Correct horse 1", hash)).toEqual({ matches: true, outdated: true });
});

test("P3: a missing account or an empty password never verifies", async () => {
  expect(await verifyPassword("", null)).toEqual({ matches: false, outdated: false });
});

test.each([
  ["Short1", false],
  ["alllowercase1", false],
  ["ALLUPPERCASE1", false],
  ["NoDigitsHere", false],
  [`Aa1${"x".repeat(126)}`, false],
  ["Longenough1", true],
  [`Aa1${"x".repeat(125)}`, true],
  ["Ünïcödé9ß", true],
  ["four words in a row", true],
  ["aaaaaaaaaaaaaaaaaaaa", false],
  ["fifteen letters", false],
])("P3: whether %s is acceptable is %s", (password, acceptable) =>
  expect(findPasswordProblem(password) === null).toBe(acceptable),
);

test("P3: everything that a password lacks is reported at once", () => {
  expect(findPasswordProblem("short")).toBe(
    "A password needs at least 8 characters, an upper-case letter and a digit, or 16 characters that aren't all the same.",
  );
});
