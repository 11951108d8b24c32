import { expect, test } from "vitest";
import type { AccountEvidence } from "../../src/doctor/account/account-evidence.ts";
import { type Answer, noAnswer } from "../../src/doctor/answer.ts";
import { CHECKS } from "../../src/doctor/checks.ts";
import type { Evidence } from "../../src/doctor/evidence.ts";
import { ASPECTS, type Grade } from "../../src/doctor/posture.ts";
import { judgeTokens } from "../../src/doctor/posture-tokens.ts";
import { createReport, type Report } from "../../src/doctor/report.ts";
import { walkServer } from "../../src/doctor/walk.ts";
import { proberFor } from "../support/doctor.ts";
import { linkBrowser } from "../support/doctor-browsers.ts";
import { type Changes, startModelServer } from "../support/model-server/model-server.ts";

async function grade(changes: Changes, withAccount = true): Promise<Report["posture"]> {
  const server = await startModelServer(changes);
  const account = withAccount ? ({ kind: "browser", email: null, browser: linkBrowser } as const) : null;
  const evidence = await walkServer(new URL(server.mcp), proberFor(server.mcp, { maxRequests: 100 }), {
    readOnly: false,
    account,
  }).finally(server.stop);
  return createReport(evidence).posture;
}

const grades = (posture: Report["posture"]) => Object.fromEntries(posture.map(({ id, grade: given }) => [id, given]));

/** Replaces the scopes in the challenge and in the metadata. */
const scopes = (challenge: string | null, supported: readonly string[] | undefined): Changes => ({
  alter: async (answer, { url }) => {
    if (url.endsWith("/mcp") && url.includes("oauth-protected-resource"))
      return Response.json({ ...((await answer.json()) as object), scopes_supported: supported }, answer);
    const header = answer.headers.get("WWW-Authenticate");
    if (!header) return answer;
    const altered = new Response(answer.body, answer);
    altered.headers.set(
      "WWW-Authenticate",
      header.replace('scope="read"', challenge ? `scope="${challenge}"` : 'a="b"'),
    );
    return altered;
  },
});

test("D5 a server that does everything right gets the best grade in everything", async () => {
  const posture = await grade({});
  expect(new Set(posture.map(({ grade: given }) => given))).toEqual(new Set(["A"]));
  for (const { reasons } of posture) expect(reasons.length).toBeGreaterThan(0);
});

test("D5 an aspect that can be judged only with an account has no grade without one", async () => {
  const posture = await grade({}, false);
  expect(posture.find(({ id }) => id === "rotation")).toMatchObject({
    grade: null,
    reasons: [{ because: "It takes an account to see this: --email" }],
  });
});

test.each<[string, Changes, string, Grade]>([
  ["has one scope for everything", scopes("*", ["*"]), "permissions", "F"],
  ["asks every app for the admin scope", scopes("files:admin", ["files:read", "files:admin"]), "permissions", "F"],
  ["has one broad scope among others", scopes("files:read", ["files:read", "admin"]), "permissions", "C"],
  ["asks for all scopes at once", scopes(null, ["files:read", "files:write"]), "permissions", "C"],
  ["has no scopes", scopes(null, undefined), "permissions", "C"],
  ["asks only for the scopes of the request", scopes("files:read", ["files:read", "files:write"]), "permissions", "A"],
  ["has a word in its scope that only looks broad", scopes("admins:list", ["admins:list"]), "permissions", "A"],
  ["accepts PKCE's method plain", { rules: { takesPlain: true } }, "pkce", "F"],
  ["doesn't rotate", { rules: { refreshTokens: "stay" } }, "rotation", "F"],
  ["doesn't revoke the tokens of a replayed code", { rules: { codes: "once, without revoking" } }, "codes", "C"],
  ["accepts any server's tokens", { rules: { bindsAudience: false, checksAudience: false } }, "audience", "F"],
  ["accepts tokens in the query", { rules: { takesTokenInQuery: true } }, "tokens", "F"],
  ["registers scripts as redirect URIs", { rules: { takesScripts: true } }, "clients", "F"],
])("D5 a server that %s gets the grade that it deserves", async (_, changes, aspect, expected) => {
  expect(grades(await grade(changes))[aspect]).toBe(expected);
});

const jwt = (header: object, claims: object) =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");

test.each<[string, object, readonly string[]]>([
  ["an opaque token for an hour", { access_token: "opaque", expires_in: 3600 }, []],
  [
    "an opaque token for a month",
    { access_token: "opaque", expires_in: 2_592_000 },
    ["Access tokens live for 30 days"],
  ],
  ["an opaque token of unknown lifetime", { access_token: "opaque" }, ["Nobody says how long a token lives"]],
  [
    "a JWT without a signature or an audience, but with a person's data",
    { access_token: `${jwt({ alg: "none" }, { sub: "1", email: "a@b.example" })}.`, expires_in: 60 },
    [
      "Access tokens are unsigned JWTs",
      "Access tokens reveal email to anybody who sees them",
      "Access tokens are JWTs without an audience",
    ],
  ],
  ["a sound JWT", { access_token: `${jwt({ alg: "ES256" }, { sub: "1", aud: "x" })}.s`, expires_in: 60 }, []],
])("D5 the doctor judges %s", (_, json, expected) => {
  const exchange: Answer = { ...noAnswer("POST", "unreachable"), status: 200, json: { ...json } };
  const account: AccountEvidence = {
    signIn: null,
    answers: new Map([["exchange", exchange]]),
    visits: new Map(),
    secrets: [],
  };
  const metadata = { ...exchange, json: { revocation_endpoint: "https://a.example/revoke" } };
  const evidence = { account, server: { tried: [], found: metadata, fromBrowser: null } } as unknown as Evidence;
  const bad = judgeTokens(evidence).filter((reason) => reason.grade !== "A");
  expect(bad.map(({ because }) => because)).toEqual(expected);
});

test("D5 grades rest only on checks that exist", () => {
  const ids = CHECKS.map(({ id }) => id);
  expect(ASPECTS.flatMap(({ checks }) => checks).filter((id) => !ids.includes(id))).toEqual([]);
});
