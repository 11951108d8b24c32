import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Page } from "../../src/dev/headless-browser.ts";
import type { StandInAnswer } from "../../src/dev/providers/stand-in.ts";
import { readProviders, removeProvider } from "../../src/flows/admin/providers.ts";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import { jsonAnswer } from "../support/broken-answers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, exchange, grantLinked } from "../support/linked.ts";
import { sendForm } from "../support/pages.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "github");
const boss = await gatehouse.addOwner();
const browser = await gatehouse.signedInBrowser(boss);
const person = await gatehouse.addPerson();
const own = await gatehouse.signedInBrowser(person);
const { tokens } = await grantLinked(gatehouse, own, issues, { login: "octocat" });
const given = await answerOf(await exchange(gatehouse, issues, tokens.access_token, "github"));

test("L11 the owner sees which person linked which account and which server used it, but never a token", async () => {
  const list = await browser.open(`${issuer}/admin/providers`);
  expect(list.html.textContent).toContain("1 linked account");
  const page = await browser.open(`${issuer}/admin/providers/github`);
  for (const part of [`${issuer}/callback/github`, person.email, "octocat", "Issues", "used it"]) {
    expect(page.html.textContent).toContain(part);
  }
  expect(page.html.toString()).not.toContain(given.access_token);
  expect(page.html.toString()).not.toContain(github.clientSecret);
  const checked = await browser.submit(page, "/admin/providers/github/check", {});
  expect([checked.status, checked.html.textContent]).toEqual([200, expect.stringContaining("The secret can be read")]);
  expect((await browser.open(`${issuer}/admin/providers/nobody`)).status).toBe(404);
  expect((await own.open(`${issuer}/admin/providers/github`)).status).toBe(403);
});

const told = ({ status, html }: Page) => [status, html.textContent];

describe("L3 adding a provider on its page", () => {
  const SECRET = "stand-in-client-of-the-form-0123456789";
  const form = { slug: "hub", preset: "github", host: github.url, client_id: "x", client_secret: SECRET };
  const add = async (fields: Record<string, string>) =>
    browser.submit(await browser.open(`${issuer}/admin/providers`), "/admin/providers", { ...form, ...fields });

  test("L3 a mistake is explained beside what was typed, except for the secret", async () => {
    for (const [fields, problem] of [
      [{ slug: "git hub" }, "lower-case"],
      [{ slug: "github" }, "already"],
      [{ scopes: "read" }, "name=sentence"],
      [{ joining: "everybody" }, "isn't a rule"],
      [{ preset: "", host: "", issuer: "https://10.0.0.1" }, "IP address"],
    ] as const) {
      const page = await add(fields);
      expect([page.status, page.html.textContent]).toEqual([400, expect.stringContaining(problem)]);
      expect(page.html.querySelector("[name=client_id]")?.getAttribute("value")).toBe("x");
      expect(page.html.toString()).not.toContain(SECRET);
    }
  });

  test("L3 the provider's page shows the redirect URI and never the secret, and allows a server", async () => {
    const page = await add({ signs_in: "on", joining: "invited, org:acme" });
    expect(page.url.pathname).toBe("/admin/providers/hub");
    for (const part of [`${issuer}/callback/hub`, "invited, org:acme"]) expect(page.html.textContent).toContain(part);
    expect(page.html.toString()).not.toContain(SECRET);
    const servers = async () => (await readProviders(owner, issuer)).find(({ slug }) => slug === "hub")?.resources;
    const to = { server: issues.uri };
    await browser.submit(page, "/admin/providers/hub/servers", { ...to, allowed: "on" });
    expect(await servers()).toEqual([issues.uri]);
    await browser.submit(await browser.open(page.url), "/admin/providers/hub/servers", to);
    expect(await servers()).toEqual([]);
  });

  test("L3 the owner says which members of another provider's answers are the id and the name, and people are known by them", async () => {
    const plain = {
      ...{ slug: "plain", preset: "", host: "", client_id: github.clientId, client_secret: github.clientSecret },
      authorization_endpoint: `${github.url}/login/oauth/authorize`,
      token_endpoint: `${github.url}/login/oauth/access_token`,
      user_endpoint: `${github.url}/api/v3/user`,
      ...{
        user_id: "data.key",
        user_name: "data.title",
        scopes: "read:issues=Read your issues\nwrite:issues=Write issues",
      },
    };
    for (const user_id of ["data..id", "a b", "."]) {
      expect(told(await add({ ...plain, user_id }))).toEqual([400, expect.stringContaining("joined by dots")]);
    }
    expect((await add(plain)).url.pathname).toBe("/admin/providers/plain");
    const answers: Record<string, StandInAnswer> = {
      "/login/oauth/access_token": jsonAnswer({ access_token: "plain-0123456789", token_type: "bearer" }),
      "/api/v3/user": jsonAnswer({ data: { key: 7, title: "Ada of the gate" } }),
    };
    github.controls.fault = (path) => answers[path] ?? null;
    const someone = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    await grantLinked(gatehouse, someone, await addIssuesServer(gatehouse, "plain"), { login: "octocat" });
    github.controls.fault = null;
    expect((await someone.open(`${issuer}/account/linked`)).html.textContent).toContain("Ada of the gate");
    expect(await removeProvider(owner, "plain", 0)).toMatchObject({ accounts: 1 });
  });

  test("L3 the owner says how another provider's token endpoint takes the secret, and it is sent in no other way", async () => {
    const plain = {
      ...{ preset: "", host: "", client_id: github.clientId, client_secret: github.clientSecret },
      authorization_endpoint: `${github.url}/login/oauth/authorize`,
      token_endpoint: `${github.url}/login/oauth/access_token`,
      user_endpoint: `${github.url}/api/v3/user`,
      scopes: "read:issues=Read your issues",
    };
    for (const [slug, token_endpoint_auth_method, takes] of [
      ["by-default", "", false],
      ["by-basic", "client_secret_basic", false],
      ["by-post", "client_secret_post", true],
    ] as const) {
      expect((await add({ ...plain, slug, token_endpoint_auth_method })).url.pathname).toBe(`/admin/providers/${slug}`);
      const someone = await gatehouse.signedInBrowser(await gatehouse.addPerson());
      const server = await addIssuesServer(gatehouse, slug);
      const linking = grantLinked(gatehouse, someone, server, { login: slug });
      if (takes) await linking;
      else await expect(linking).rejects.toThrow();
      expect(await removeProvider(owner, slug, 0)).toMatchObject({ accounts: takes ? 1 : 0 });
    }
  });

  test("L3 adding a provider requires an owner with a fresh sign-in", async () => {
    await gatehouse.moveClock(301);
    const page = await add({ slug: "late" });
    expect(page.url.pathname).toBe("/login");
    await gatehouse.moveClock(0);
    expect((await readProviders(owner, issuer)).map(({ slug }) => slug)).toEqual(["github", "hub"]);
  });
});

test("L11 a person sees only their own accounts, each with the servers that may use it", async () => {
  const page = await own.open(`${issuer}/account/linked`);
  expect(page.html.textContent).toContain("1 server can use it");
  expect(page.html.toString()).not.toContain(given.access_token);
  const path = (end: string) =>
    new URL(page.html.querySelector(`form[action$=${end}]`)?.getAttribute("action") ?? "").pathname;
  // What was allowed after the page was opened isn't on it, and stays.
  const kept = await own.submit(page, path("servers"), { shown: [], resource: [] });
  expect(kept.html.textContent).toContain("1 server can use it");
  for (const end of ["servers", "unlink"])
    expect((await sendForm(browser, issuer + path(end), { shown: issues.id })).status).toBe(404);
  expect((await own.open(page.url)).html.textContent).toContain("1 server can use it");
  const [, family] = /connections\/([\w-]+)/.exec((await own.open(`${issuer}/account`)).html.toString()) ?? [];
  const story = await own.open(`${issuer}/account/connections/${family}`);
  expect(story.html.textContent).toContain("its server used your github account");
});

test("L11 deleting a person revokes their accounts' tokens at the provider", async () => {
  expect(github.isLive(given.access_token)).toBe(true);
  await setUserStatus(owner, person.email, "delete");
  expect(github.isLive(given.access_token)).toBe(false);
  const [row] = await owner.db.read<{ rows: number }>(sql`select count(*)::int as rows from linked_accounts`);
  expect(row?.rows).toBe(0);
});
