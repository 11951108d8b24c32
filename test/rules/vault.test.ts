import { describe, expect, test } from "vitest";
import { createKeyWrapper, vaultKeyVersion } from "../../src/lib/key-wrapper.ts";
import { open, rewrap, seal } from "../../src/lib/vault.ts";

const [OLD, NEW, OTHER] = ["old", "new", "other"].map((name) => `${name} key of 32 bytes and some more 0123456789`) as [
  string,
  string,
  string,
];
const PLACE = "user|github|row|1";
const SECRET = { accessToken: "gho_secret" };

describe("L1 the vault", () => {
  test("L1 the vault opens what it sealed, and the sealed form shows nothing of it", async () => {
    const keys = createKeyWrapper([OLD]);
    const sealed = await seal(keys, PLACE, SECRET);
    expect(await open(keys, PLACE, sealed)).toEqual(SECRET);
    expect(JSON.stringify(sealed)).not.toContain("gho_");
    expect(sealed.keyVersion).toBe(await vaultKeyVersion(OLD));
    const again = await seal(keys, PLACE, SECRET);
    expect([again.sealed, again.wrappedKey]).not.toEqual([sealed.sealed, sealed.wrappedKey]);
  });

  test.each(["user|github|row|2", "user|github|other|1", "user|gitlab|row|1", "other|github|row|1"])(
    "L1 a sealed row doesn't open in the place of %s",
    async (place) => {
      const keys = createKeyWrapper([OLD]);
      await expect(open(keys, place, await seal(keys, PLACE, SECRET))).rejects.toMatchObject({ service: "vault" });
    },
  );

  test("L1 a data key doesn't open another row's value", async () => {
    const keys = createKeyWrapper([OLD]);
    const [one, other] = [await seal(keys, PLACE, SECRET), await seal(keys, PLACE, { accessToken: "other" })];
    const mixed = { ...one, wrappedKey: other.wrappedKey };
    await expect(open(keys, PLACE, mixed)).rejects.toMatchObject({ service: "vault" });
  });

  test("L1 nothing opens without the key of its version, and the error names that version", async () => {
    const sealed = await seal(createKeyWrapper([OLD]), PLACE, SECRET);
    for (const keys of [createKeyWrapper([OTHER]), createKeyWrapper([])]) {
      await expect(open(keys, PLACE, sealed)).rejects.toMatchObject({
        service: "vault",
        detail: `the key of version ${await vaultKeyVersion(OLD)} is missing`,
      });
    }
    await expect(seal(createKeyWrapper([]), PLACE, SECRET)).rejects.toMatchObject({ service: "vault" });
  });

  test("L2 a data key that is wrapped anew opens the same value, and only under the new key", async () => {
    const sealed = await seal(createKeyWrapper([OLD]), PLACE, SECRET);
    const moved = { ...sealed, ...(await rewrap(createKeyWrapper([NEW, OLD]), sealed)) };
    expect(moved.sealed).toBe(sealed.sealed);
    expect(await open(createKeyWrapper([NEW]), PLACE, moved)).toEqual(SECRET);
    await expect(open(createKeyWrapper([OLD]), PLACE, moved)).rejects.toMatchObject({ service: "vault" });
  });
});
