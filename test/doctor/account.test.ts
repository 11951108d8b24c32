import { expect, test } from "vitest";
import type { Account } from "../../src/doctor/account/ask-account.ts";
import { askToSignIn } from "../../src/doctor/account/sign-in.ts";
import { createReport, neutralized, type Report } from "../../src/doctor/report.ts";
import { walkServer } from "../../src/doctor/walk.ts";
import { found, proberFor, runDoctorWith } from "../support/doctor.ts";
import { gatehouseBrowser, linkBrowser } from "../support/doctor-browsers.ts";
import { ACCOUNT_FAULTS } from "../support/model-server/account-faults.ts";
import { type ModelServer, startModelServer } from "../support/model-server/model-server.ts";
import { postForm, postJson } from "../support/oauth-client.ts";
import { startWorkersOauthProvider } from "../support/peers/workers-oauth-provider.ts";
import { scene } from "../support/scene.ts";

const { gatehouse } = await scene({ example: true });
const person = await gatehouse.addPerson();

async function examineWith(url: string, account: Account): Promise<Report> {
  const evidence = await walkServer(new URL(url), proberFor(url, { maxRequests: 100 }), { readOnly: false, account });
  return createReport(evidence);
}

const linked: Account = { kind: "browser", email: null, browser: linkBrowser };
const untold = ({ findings }: Report) => findings.filter(({ outcome }) => outcome === "unknown").map(({ id }) => id);

test("D5 with an account, the doctor finds nothing wrong with Gatehouse and the middleware", async () => {
  const browser = gatehouseBrowser(await gatehouse.signInBrowser(person), person);
  const report = await examineWith(gatehouse.resource.uri, { kind: "browser", email: person.email, browser });
  expect(found(report)).toEqual([]);
  expect(untold(report).filter((id) => id.startsWith("account-"))).toEqual(["account-reuse-ends"]);
});

test("D5 with an account, the doctor finds nothing wrong with a server that does everything right", async () => {
  const server = await startModelServer();
  const report = await examineWith(server.mcp, linked).finally(server.stop);
  expect(report.findings.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
});

test.each(ACCOUNT_FAULTS)("D5 a server $with is found by $check", async ({ check, also = [], changes }) => {
  const server = await startModelServer(changes);
  const report = await examineWith(server.mcp, linked).finally(server.stop);
  expect(found(report).toSorted()).toEqual([check, ...also].toSorted());
});

test("D5 the doctor finds that workers-oauth-provider accepts a refresh token again until its successor is used", async () => {
  const server = await startWorkersOauthProvider({ documents: false });
  const report = await examineWith(server.mcp, linked).finally(server.stop);
  expect(found(report).filter((id) => id.startsWith("account-"))).toEqual(["account-refresh-reuse"]);
});

test("D4 no report contains a code or a token, even if the server repeats them", async () => {
  const server = await startModelServer({
    alter: (answer, { url, headers }) =>
      url.includes("/mcp") && headers.has("Authorization")
        ? Response.json({ error: "no", error_description: headers.get("Authorization") }, { status: 403 })
        : answer,
  });
  const options = { readOnly: false, account: linked };
  const evidence = await walkServer(new URL(server.mcp), proberFor(server.mcp), options).finally(server.stop);
  const text = JSON.stringify(neutralized(createReport(evidence), evidence.account?.secrets));
  expect(text.includes("403 no: Bearer …")).toBe(true);
  expect(text).not.toMatch(/(at|rt|code)-[\da-f]{8}/);
});

test("D4 a token is read from standard input, is tried, and is never printed", async () => {
  const server = await startModelServer({ rules: { takesTokenInQuery: true } });
  const token = await tokenOf(server);
  const { code, stdout, stderr } = await runDoctorWith(token, server.mcp, "--token", "--json").finally(server.stop);
  expect(code).toBe(1);
  expect(found(JSON.parse(stdout))).toEqual(["account-query"]);
  expect(stdout + stderr).not.toContain(token);
});

/** A token for a model server, whose page allows everything. */
async function tokenOf({ origin, mcp }: ModelServer): Promise<string> {
  const redirectUri = "http://127.0.0.1:1/callback";
  const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none" };
  const { client_id: clientId } = (await (await postJson(`${origin}/register`, metadata)).json()) as {
    client_id: string;
  };
  const params = { response_type: "code", code_challenge_method: "S256", resource: mcp, scope: "read" };
  const place = { endpoint: `${origin}/authorize`, client: { clientId, redirectUri }, params, email: null };
  const { returned, verifier } = await askToSignIn({ ...place, browser: linkBrowser });
  const fields = { client_id: clientId, redirect_uri: redirectUri, code_verifier: verifier };
  const code = returned.params.get("code") ?? "";
  const answer = await postForm(`${origin}/token`, { grant_type: "authorization_code", code, ...fields });
  return ((await answer.json()) as { access_token: string }).access_token;
}
