import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findIssuerProblem } from "../../src/oauth/trusted-issuer.ts";
import { findRuleProblem, matchesRule } from "../../src/oauth/workload.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const rule = (claims: Record<string, string>, audience = "https://auth.example") => ({ audience, claims });

const matchesPattern = (pattern: string, text: string) =>
  matchesRule(rule({ claim: pattern }), { aud: "https://auth.example", claim: text });

const ruleProblem = (...about: Parameters<typeof findRuleProblem>) => findRuleProblem(...about)?.problem ?? null;
const issuerProblem = (...about: Parameters<typeof findIssuerProblem>) => findIssuerProblem(...about)?.problem ?? null;

describe("Programs: patterns", () => {
  test.each([
    ["repo:acme/*", "repo:acme/site:ref:refs/heads/main", true],
    ["repo:acme/*", "repo:acme-evil/site", false],
    ["refs/heads/*", "refs/heads/", true],
    ["*", "", true],
    ["a*a", "a", false],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "acb", false],
    ["a*bc*bc", "abc", false],
    ["a.c", "abc", false],
    ["(a+)+$", "(a+)+$", true],
    ["main", "main ", false],
    ["main", "Main", false],
  ])("Programs: whether the pattern %s matches %s is %s", (pattern, text, matches) =>
    expect(matchesPattern(pattern, text)).toBe(matches),
  );

  test("Programs: a pattern matches exactly what the equivalent regular expression matches", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "*"), { maxLength: 8 }).map((list) => list.join(""));
    const text = fc.array(fc.constantFrom("a", "b"), { maxLength: 12 }).map((list) => list.join(""));
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        expect(matchesPattern(pattern, value)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "s").test(value));
      }),
      { numRuns: 3000 },
    );
  });

  test("Programs: a pattern that would keep a backtracking matcher busy for years is matched at once", () => {
    const started = performance.now();
    expect(matchesPattern(`${"*a".repeat(120)}*b`, "a".repeat(1000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });

  test("Programs: an audience is a single name, and no pattern matches a claim that is a list, an object or absent", () => {
    const all = { aud: "https://auth.example", sub: "x", number: 7 };
    expect(matchesRule(rule({ sub: "*", number: "7" }), all)).toBe(true);
    expect(matchesRule(rule({ sub: "*" }), { ...all, aud: ["https://auth.example", "https://evil.example"] })).toBe(
      false,
    );
    for (const sub of [["x"], { x: 1 }, null, undefined])
      expect(matchesRule(rule({ sub: "*" }), { ...all, sub })).toBe(false);
    expect(matchesRule(rule({ toString: "*", constructor: "*" }), all)).toBe(false);
  });
});

describe("Programs: a rule that would let everybody in is refused when it is made", () => {
  test.each([
    [{ ref: "refs/heads/main" }],
    [{ repository: "*" }],
    [{ repository: "acme*" }],
    [{ repository: "*/site" }],
    [{ sub: "repo:*" }],
    [{ sub: "repo:acme*:ref:refs/heads/main" }],
    [{ sub: "*:ref:refs/heads/main" }],
    [{ repository_owner: "acme*" }],
    [{ repository_id: "12*" }],
    [{ actor: "ada" }],
    [{ workflow: "deploy", event_name: "push" }],
    [{}],
  ])("Programs: a rule for GitHub with the claims %j is refused", (claims) => {
    expect(ruleProblem(GITHUB, rule(claims))).toMatch(/signs for everybody|without a claim/);
    expect(ruleProblem(`${GITHUB}/`, rule(claims))).not.toBeNull();
  });

  test.each([
    [{ repository: "acme/site" }],
    [{ repository: "acme/*", ref: "refs/heads/main" }],
    [{ sub: "repo:acme/site:environment:production" }],
    [{ repository_owner: "acme" }],
    [{ repository_id: "1296269" }],
  ])("Programs: a rule for GitHub with the claims %j is accepted, since it is about one owner", (claims) =>
    expect(ruleProblem(GITHUB, rule(claims))).toBeNull(),
  );

  test("Programs: a rule for another shared issuer needs the whole subject, and one for the owner's own issuer any telling claim", () => {
    expect(ruleProblem("https://accounts.google.com", rule({ sub: "1*" }))).toContain("everybody");
    expect(ruleProblem("https://accounts.google.com", rule({ sub: "1234567890" }))).toBeNull();
    expect(ruleProblem("https://gitlab.com", rule({ ref: "main" }))).toContain("everybody");
    expect(ruleProblem("https://gitlab.com", rule({ project_path: "acme/site" }))).toBeNull();
    const cluster = "https://oidc.eks.example/id/1";
    expect(ruleProblem(cluster, rule({ sub: "system:serviceaccount:prod:*" }))).toBeNull();
    expect(ruleProblem(cluster, rule({ sub: "**" }))).toContain("without a claim");
    expect(ruleProblem(cluster, rule({ sub: "x" }, "https://*"))).toContain("without a star");
    expect(ruleProblem(cluster, rule({ sub: "x".repeat(300) }))).toContain("no pattern");
  });
});

describe("Programs: trusted issuers", () => {
  const issuer = { name: "acme", issuer: "https://acme.okta.example", jwks: null, vouches: true, tenant: null };
  const people = { ...issuer, linksAddresses: false, joining: ["everybody"], refreshes: false };

  test.each([
    [{ issuer: GITHUB }, "signs for everybody"],
    [{ issuer: "https://accounts.google.com" }, "signs for everybody"],
    [{ issuer: "http://acme.example" }, "https"],
    [{ issuer: "https://192.0.2.1" }, "IP address"],
    [{ issuer: "https://metadata.internal" }, "public host"],
    [{ name: "Acme Inc" }, "lower-case"],
    [{ joining: ["domain:com"] }, "no rule"],
    [{ joining: ["anybody"] }, "no rule"],
    [{ vouches: false }, "no use"],
    [{ jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }, "key"],
    [{ jwks: { keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y", d: "d" }] } }, "key"],
  ])("Programs: an issuer with %j is refused", (change, said) =>
    expect(issuerProblem({ ...people, ...change })).toContain(said),
  );

  test("Programs: a sound issuer is accepted, and one for programs alone may be shared", () => {
    expect(issuerProblem(people)).toBeNull();
    expect(issuerProblem({ ...people, vouches: false, joining: [], issuer: GITHUB })).toBeNull();
  });
});
