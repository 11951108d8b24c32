import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { setUserStanding } from "../../src/flows/admin/standing.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, exchange, grantLinked } from "../support/linked.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "github");
const boss = await gatehouse.addPerson();
await owner.db.run(sql`update users set role = 'owner' where id = ${boss.id} returning true`);
const browser = await gatehouse.signedInBrowser(boss);
const person = await gatehouse.addPerson();
const own = await gatehouse.signedInBrowser(person);
const { tokens } = await grantLinked(gatehouse, own, issues, { login: "octocat" });
const given = await answerOf(await exchange(gatehouse, issues, tokens.access_token, "github"));

test("L11 the owner sees who linked what and which server used it, and never a token", async () => {
  const list = await browser.open(`${issuer}/admin/providers`);
  expect(list.html.textContent).toContain("1 linked account");
  const page = await browser.open(`${issuer}/admin/providers/github`);
  for (const part of [`${issuer}/callback/github`, person.email, "octocat", "Issues", "used it"]) {
    expect(page.html.textContent).toContain(part);
  }
  expect(page.html.toString()).not.toContain(given.access_token);
  expect(page.html.toString()).not.toContain(github.clientSecret);
  const checked = await browser.submit(page, "/admin/providers/github/check", {});
  expect([checked.status, checked.html.textContent]).toEqual([200, expect.stringContaining("The client secret opens")]);
  expect((await browser.open(`${issuer}/admin/providers/nobody`)).status).toBe(404);
  expect((await own.open(`${issuer}/admin/providers/github`)).status).toBe(403);
});

test("L11 a person sees their account with what may use it, and nobody else's", async () => {
  const page = await own.open(`${issuer}/account/linked`);
  expect(page.html.textContent).toContain("Issues may use it");
  expect(page.html.toString()).not.toContain(given.access_token);
  const action = page.html.querySelector("form[action$=unlink]")?.getAttribute("action") ?? "";
  const foreign = await browser.open(`${issuer}/account/linked`);
  const csrf = foreign.html.querySelector("[name=csrf]")?.getAttribute("value") ?? "";
  const posted = await fetch(action, {
    method: "POST",
    body: new URLSearchParams({ csrf }),
    headers: { Cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") },
    redirect: "manual",
  });
  expect(posted.status).toBe(404);
  const [, family] = /connections\/([\w-]+)/.exec((await own.open(`${issuer}/account`)).html.toString()) ?? [];
  const story = await own.open(`${issuer}/account/connections/${family}`);
  expect(story.html.textContent).toContain("its server used your github account");
});

test("L11 deleting a person ends their accounts at the provider too", async () => {
  expect(github.isLive(given.access_token)).toBe(true);
  await setUserStanding(owner, person.email, "delete");
  expect(github.isLive(given.access_token)).toBe(false);
  const [row] = await owner.db.read<{ rows: number }>(sql`select count(*)::int as rows from linked_accounts`);
  expect(row?.rows).toBe(0);
});
