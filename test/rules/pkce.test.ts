import { expect, test } from "vitest";
import { codeChallengeOf, isCodeChallenge, isCodeVerifier } from "../../src/oauth/pkce.ts";

test("RFC 7636 appendix B: the example verifier gives the example challenge", async () => {
  expect(await codeChallengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

test("RFC 7636 §4.1: a verifier has 43 to 128 unreserved characters", () => {
  expect(isCodeVerifier("a".repeat(42))).toBe(false);
  expect(isCodeVerifier("a".repeat(43))).toBe(true);
  expect(isCodeVerifier("aA0-._~".repeat(18))).toBe(true);
  expect(isCodeVerifier("a".repeat(129))).toBe(false);
  expect(isCodeVerifier(`${"a".repeat(43)}!`)).toBe(false);
  expect(isCodeVerifier(`${"a".repeat(43)}\n`)).toBe(false);
});

test("RFC 7636 §4.2: a challenge has 43 base64url characters", () => {
  expect(isCodeChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")).toBe(true);
  expect(isCodeChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=")).toBe(false);
  expect(isCodeChallenge("a".repeat(42))).toBe(false);
});
