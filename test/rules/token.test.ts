import fc from "fast-check";
import { expect, test } from "vitest";
import { createKeyRing } from "../../src/lib/key-ring.ts";
import { formatToken, isPlausibleToken, mintToken, parseToken } from "../../src/lib/token.ts";

const keys = await createKeyRing(["an old server key, 32 bytes or so long"]);
const rotated = await createKeyRing([
  "a new server key, also of 32 bytes or so",
  "an old server key, 32 bytes or so long",
]);
const other = await createKeyRing(["somebody else's server key of 32 bytes"]);

test("design §4: a token has a prefix, 43 characters, a key id and a check, all unreserved", async () => {
  const token = await mintToken(keys, "gtha");
  expect(token).toMatch(/^gtha_[\w-]{50}$/);
  expect(await isPlausibleToken(keys, "gtha", token)).toBe(true);
});

test("design §4: another kind, a changed character and garbage are no tokens", async () => {
  const token = await mintToken(keys, "gtha");
  expect(await isPlausibleToken(keys, "gthr", token)).toBe(false);
  expect(await isPlausibleToken(keys, "gtha", token.replace("gtha", "gthr"))).toBe(false);
  const changed = `${token.slice(0, 10)}${token[10] === "A" ? "B" : "A"}${token.slice(11)}`;
  expect(await isPlausibleToken(keys, "gtha", changed)).toBe(false);
  for (const garbage of ["", "gtha", "gtha_", `${token}x`, ` ${token}`, `${token}\n`]) {
    expect(await isPlausibleToken(keys, "gtha", garbage)).toBe(false);
  }
});

test("design §4: tokens of the previous key stay good, those of an unknown key are the database's to judge", async () => {
  expect(await isPlausibleToken(rotated, "gtha", await mintToken(keys, "gtha"))).toBe(true);
  const foreign = await mintToken(other, "gtha");
  expect(other.current.id).not.toBe(keys.current.id);
  expect(await isPlausibleToken(keys, "gtha", foreign)).toBe(true);
  expect(await isPlausibleToken(keys, "gtha", await mintToken(null, "gtha"))).toBe(true);
});

test("parse(format(token)) is the token", () => {
  const base64url = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
  const token = fc.record({
    prefix: fc.stringMatching(/^[a-z]{1,8}$/),
    value: base64url(43),
    keyId: base64url(1),
    check: base64url(6),
  });
  fc.assert(
    fc.property(token, (each) => {
      expect(parseToken(formatToken(each))).toEqual(each);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseToken(text);
      if (parsed) expect(formatToken(parsed)).toBe(text);
    }),
  );
});

test("two server keys with one id are refused, since each would call the other's tokens forged", async () => {
  const seen = new Map<string, string>();
  for (let n = 0; ; n++) {
    const secret = `server key number ${n}, padded to 32 bytes`;
    const { id } = (await createKeyRing([secret])).current;
    const twin = seen.get(id);
    if (twin) return expect(createKeyRing([secret, twin])).rejects.toThrow("share a key id");
    seen.set(id, secret);
  }
});
