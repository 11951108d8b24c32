import fc from "fast-check";
import { expect, test } from "vitest";
import { contrastOf, readableOn } from "../../src/lib/color.ts";

const color = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, "0")}`);

test("WCAG 2.2: the contrast of black on white is 21, and that of a colour on itself is 1", () => {
  expect(contrastOf("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrastOf("#2b5fd9", "#2b5fd9")).toBe(1);
});

test("WCAG 2.2 §1.4.3: any accent is made readable on any background, and is left alone where it already is", () => {
  fc.assert(
    fc.property(color, color, (accent, ground) => {
      const readable = readableOn(accent, ground);
      if (contrastOf("#000000", ground) < 4.5 && contrastOf("#ffffff", ground) < 4.5) return;
      expect(contrastOf(readable, ground)).toBeGreaterThanOrEqual(4.5);
      if (contrastOf(accent, ground) >= 4.5) expect(readable).toBe(accent);
    }),
  );
});
