import { expect, test } from "vitest";
import { openEnvelope, sealEnvelope } from "../../src/lib/envelope.ts";
import { createKeyRing } from "../../src/lib/key-ring.ts";

const keys = await createKeyRing(["an old server key, 32 bytes or so long"]);
const rotated = await createKeyRing([
  "a new server key, also of 32 bytes or so",
  "an old server key, 32 bytes or so long",
]);
const use = { purpose: "test", context: "one" };

test("an envelope opens for the use that it was sealed for, also after the key ring has rotated", async () => {
  const sealed = await sealEnvelope(keys, use, { a: [1, "ä"] });
  expect(await openEnvelope(keys, use, sealed)).toEqual({ a: [1, "ä"] });
  expect(await openEnvelope(rotated, use, sealed)).toEqual({ a: [1, "ä"] });
});

test("an envelope doesn't open for another purpose, context or key, or after it was changed", async () => {
  const sealed = await sealEnvelope(keys, use, "value");
  expect(await openEnvelope(keys, { ...use, purpose: "other" }, sealed)).toBeNull();
  expect(await openEnvelope(keys, { ...use, context: "two" }, sealed)).toBeNull();
  expect(await openEnvelope(await createKeyRing(["a new server key, also of 32 bytes or so"]), use, sealed)).toBeNull();
  // The last character may hold bits that belong to no byte.
  for (let at = 0; at < sealed.length - 1; at++) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
    expect(await openEnvelope(keys, use, changed)).toBeNull();
  }
  for (const garbage of ["", "A", "not an envelope", "🙂"]) expect(await openEnvelope(keys, use, garbage)).toBeNull();
});
