import fc from "fast-check";
import { expect, test } from "vitest";
import { mintRecoveryCode, readRecoveryCode } from "../../src/lib/recovery-code.ts";
import { mintUserCode, readUserCode } from "../../src/lib/user-code.ts";

test("a recovery code has 130 random bits, and is still recognized after being written down and typed", () => {
  const codes = Array.from({ length: 500 }, mintRecoveryCode);
  expect(new Set(codes).size).toBe(500);
  for (const code of codes) {
    expect(code.replaceAll("-", "")).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    const typed = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `;
    expect(readRecoveryCode(typed)).toBe(code);
  }
});

test("RFC 8628 §6.1: a user code has eight evenly chosen letters out of twenty, and is still recognized after being typed", () => {
  const codes = Array.from({ length: 2000 }, mintUserCode);
  const counts = new Map<string, number>();
  for (const code of codes) {
    expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(readUserCode(` ${code.toLowerCase().replace("-", "")}.`)).toBe(code);
    for (const letter of code.replace("-", "")) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  // 800 of each are expected, and 150 is more than five standard deviations.
  expect(counts.size).toBe(20);
  for (const count of counts.values()) expect(Math.abs(count - 800)).toBeLessThan(150);
});

test("any text that isn't a code is read as null", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(readUserCode(text) ?? "BBBB-BBBB").toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
      expect(readRecoveryCode(text) ?? "00000").toMatch(/^[0-9A-Z-]+$/);
    }),
  );
});
