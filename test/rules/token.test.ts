import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openEnvelope, sealEnvelope } from "../../src/lib/envelope.ts";
import { createKeyRing } from "../../src/lib/key-ring.ts";
import { formatToken, isPlausibleToken, mintToken, parseToken, type Token } from "../../src/lib/token.ts";

const keys = await createKeyRing(["an old server key, 32 bytes or so long"]);
const rotated = await createKeyRing([
  "a new server key, also of 32 bytes or so",
  "an old server key, 32 bytes or so long",
]);
const other = await createKeyRing(["somebody else's server key of 32 bytes"]);

test("Tokens: a token consists of a prefix, 43 characters, a key id and a check, all of them unreserved characters", async () => {
  const token = await mintToken(keys, "gtha");
  expect(token).toMatch(/^gtha_[\w-]{53}$/);
  expect(await isPlausibleToken(keys, "gtha", token)).toBe(true);
});

test("Tokens: a token of another kind, a token with a changed character and garbage are not plausible", async () => {
  const token = await mintToken(keys, "gtha");
  expect(await isPlausibleToken(keys, "gthr", token)).toBe(false);
  expect(await isPlausibleToken(keys, "gtha", token.replace("gtha", "gthr"))).toBe(false);
  const changed = `${token.slice(0, 10)}${token[10] === "A" ? "B" : "A"}${token.slice(11)}`;
  expect(await isPlausibleToken(keys, "gtha", changed)).toBe(false);
  for (const garbage of ["", "gtha", "gtha_", `${token}x`, ` ${token}`, `${token}\n`]) {
    expect(await isPlausibleToken(keys, "gtha", garbage)).toBe(false);
  }
});

test("Tokens: a token of the previous key is plausible, and one of an unknown key is left to the database", async () => {
  expect(await isPlausibleToken(rotated, "gtha", await mintToken(keys, "gtha"))).toBe(true);
  const foreign = await mintToken(other, "gtha");
  expect(other.current.id).not.toBe(keys.current.id);
  expect(await isPlausibleToken(keys, "gtha", foreign)).toBe(true);
  expect(await isPlausibleToken(keys, "gtha", await mintToken(null, "gtha"))).toBe(true);
});

test("Tokens: formatting a token and parsing it gives the same token", () => {
  const base64url = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
  const token = fc.record({
    prefix: fc.stringMatching(/^[a-z]{1,8}$/),
    value: base64url(43),
    keyId: fc.oneof(base64url(4), base64url(1)),
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

describe("Tokens: keys that share an id", () => {
  const old = "an old server key, 32 bytes or so long";

  /** A server secret whose key id has the same first character. */
  async function findTwin(): Promise<string> {
    for (let n = 0; ; n++) {
      const secret = `server key number ${n}, padded to 32 bytes`;
      if ((await createKeyRing([secret])).current.id[0] === keys.current.id[0]) return secret;
    }
  }

  test("Tokens: a token of a retired key is not refused because the new key's id begins with the same character", async () => {
    const ring = await createKeyRing([await findTwin()]);
    expect(await isPlausibleToken(ring, "gtha", await mintToken(keys, "gtha"))).toBe(true);
    // The form of tokens before 0.2.0, in which one character names the key.
    const token = parseToken(await mintToken(keys, "gtha"));
    const short = formatToken({ ...(token as Token), keyId: keys.current.id.charAt(0) });
    expect(short).toMatch(/^gtha_[\w-]{50}$/);
    expect(await isPlausibleToken(ring, "gtha", short)).toBe(true);
    expect(await isPlausibleToken(keys, "gtha", short)).toBe(true);
  });

  test("Tokens: if two keys have the same id, a check that either of them made is right, and any other is wrong", async () => {
    const { current } = keys;
    const twin = { ...(await createKeyRing(["another server key, as long as needed"])).current, id: current.id };
    const both = { current: twin, all: [twin, current] };
    for (const maker of [keys, both]) {
      const token = await mintToken(maker, "gtha");
      expect(await isPlausibleToken(both, "gtha", token)).toBe(true);
      expect(await isPlausibleToken(both, "gtha", `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).toBe(
        false,
      );
    }
  });

  test("Tokens: an envelope opens under either of two keys whose ids begin alike", async () => {
    const ring = await createKeyRing([await findTwin(), old]);
    const use = { purpose: "test", context: "one" };
    expect(await openEnvelope(ring, use, await sealEnvelope(keys, use, "old"))).toBe("old");
    expect(await openEnvelope(ring, use, await sealEnvelope(ring, use, "new"))).toBe("new");
  });

  test("Tokens: a key ring may hold the same key twice", async () => {
    const ring = await createKeyRing([old, old]);
    expect(await isPlausibleToken(ring, "gtha", await mintToken(keys, "gtha"))).toBe(true);
  });
});
