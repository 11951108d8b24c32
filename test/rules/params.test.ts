import fc from "fast-check";
import { expect, test } from "vitest";
import { parseForm } from "../../src/lib/form.ts";
import { readParams, readUniqueParams } from "../../src/oauth/params.ts";

test("A5: an empty parameter counts as absent, a repeated one is reported, and resource may be repeated", () => {
  const params = readParams([
    ["a", ""],
    ["b", "1"],
    ["b", "2"],
    ["resource", "x"],
    ["resource", "y"],
    ["c", "3"],
    ["c", ""],
  ]);
  expect([...params.values]).toEqual([
    ["b", "1"],
    ["c", "3"],
  ]);
  expect(params.repeated).toEqual(["b"]);
  expect(params.resources).toEqual(["x", "y"]);
  expect(() =>
    readUniqueParams([
      ["b", "1"],
      ["b", "1"],
    ]),
  ).toThrow("more than once");
});

test("T8: NUL and oversized values are refused", () => {
  expect(() => readParams([["a", "\0"]])).toThrow("NUL");
  expect(() => readParams([["a", "x".repeat(8193)]])).toThrow("too long");
});

test("T8: a form with bad percent-escapes or broken UTF-8 is not read at all", () => {
  expect(parseForm("a=1&b=%20+%C3%A4")).toEqual([
    ["a", "1"],
    ["b", "  ä"],
  ]);
  for (const bad of ["a=%", "a=%2", "a=%zz", "a=%ff", "%c3%28=1"]) expect(parseForm(bad)).toBeNull();
});

test("a form that was encoded is read back unchanged", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }))), (entries) => {
      expect(parseForm(new URLSearchParams(entries).toString())).toEqual(entries);
    }),
  );
});
