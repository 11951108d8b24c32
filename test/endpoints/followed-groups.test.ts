import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { addGroup, readGroup } from "../../src/flows/admin/groups.ts";
import { removeProvider } from "../../src/flows/admin/providers.ts";
import { findUserByEmail } from "../../src/store/users.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { answerThere } from "../support/linked.ts";
import { grantTokens, isActive, registerClient } from "../support/oauth-client.ts";
import { addGitHub, addOpenid, readProviderFailures } from "../support/providers.ts";
import { addRestrictedServer } from "../support/restricted-server.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const openid = await addOpenid(gatehouse, { signsIn: true, scopes: [], joining: ["domain:members.example"] });
const github = await addGitHub(gatehouse, { signsIn: true, scopes: [], joining: ["subject:5001"] });
const client = await registerClient(gatehouse);

async function signIn(slug: string, login: string): Promise<HeadlessBrowser> {
  const browser = createHeadlessBrowser();
  const sent = await browser.submit(await browser.open(`${issuer}/login`), `/login/provider/${slug}`, {});
  const arrived = await browser.open(await answerThere(browser, sent.left, login, "allow"));
  expect(arrived.url.pathname).toBe("/account");
  return browser;
}
const membersOf = async (name: string) => (await readGroup(owner, name))?.members;
const follow = async (name: string, provider: string, rule: string) =>
  expect(await addGroup(owner, { name, follows: { provider, rule } })).toEqual({ done: true });

test("L8 a group follows a claim of the ID token at each sign-in, and a person who has left it loses its access", async () => {
  const staff = await addRestrictedServer(gatehouse, "https://staff.example");
  await follow("Staff", "openid", "claim:groups=staff");
  await follow("Members", "openid", "domain:members.example");
  await staff.allow([], { kind: "group", name: "Staff" });
  const ann = { email: "ann@members.example", email_verified: true };
  openid.people.set("ann", { ...ann, groups: ["staff", "all"] });
  const browser = await signIn("openid", "ann");
  expect(await membersOf("Staff")).toEqual([ann.email]);
  expect(await membersOf("Members")).toEqual([ann.email]);
  const tokens = await grantTokens(gatehouse, browser, client, { resource: staff.uri });
  expect(await isActive(staff.at, tokens.access_token)).toBe(true);

  for (const groups of [["all"], ["staffers"], undefined]) {
    openid.people.set("ann", { ...ann, ...(groups ? { groups } : {}) });
    await signIn("openid", "ann");
    expect(await membersOf("Staff")).toEqual([]);
  }
  expect(await isActive(staff.at, tokens.access_token)).toBe(false);
  expect(await membersOf("Members")).toEqual([ann.email]);
});

test("L8 a group follows an organization and a team, and an outage of the provider changes nothing", async () => {
  await follow("Acme", "github", "org:acme");
  await follow("Devs", "github", "team:acme/devs");
  const dev = { id: 5001, login: "dev", emails: [{ email: "dev@acme.example", primary: true, verified: true }] };
  github.people.set("dev", { ...dev, memberOf: ["acme", "acme/devs"] });
  await signIn("github", "dev");
  expect([await membersOf("Acme"), await membersOf("Devs")]).toEqual([["dev@acme.example"], ["dev@acme.example"]]);

  github.controls.fault = (path) => (path.includes("/memberships/orgs/acme") ? { status: 502, body: "" } : null);
  github.people.set("dev", { ...dev, memberOf: [] });
  const before = await readProviderFailures(gatehouse);
  await signIn("github", "dev");
  expect([await membersOf("Acme"), await membersOf("Devs")]).toEqual([["dev@acme.example"], []]);
  await expect.poll(() => readProviderFailures(gatehouse)).toBe(before + 1);
  github.controls.fault = null;
  await signIn("github", "dev");
  expect(await membersOf("Acme")).toEqual([]);
});

test("L8 a person who can't sign in with the provider any more leaves its groups, and the owner can't add anybody to them", async () => {
  const { email } = await gatehouse.addPerson("both@members.example");
  const browser = await gatehouse.signedInBrowser({ email });
  const security = await browser.open(`${issuer}/account/security`);
  const sent = await browser.submit(security, "/account/identities/openid", {});
  openid.people.set("both", { email: "x@other.example", email_verified: true, groups: ["staff"] });
  await browser.open(await answerThere(browser, sent.left, "both", "allow"));
  await signIn("openid", "both");
  expect(await membersOf("Staff")).toContain(email);
  const page = await browser.open(`${issuer}/account/security`);
  const action = page.html.querySelector("form[action$=remove]")?.getAttribute("action") ?? "";
  await browser.submit(page, new URL(action).pathname, {});
  expect(await membersOf("Staff")).not.toContain(email);
});

test("L8 a person leaves a group however many other groups follow the provider", async () => {
  await follow("Zeta", "openid", "claim:groups=zeta");
  const cyd = { email: "cyd@members.example", email_verified: true };
  openid.people.set("cyd", { ...cyd, groups: ["zeta"] });
  await signIn("openid", "cyd");
  expect(await membersOf("Zeta")).toEqual([cyd.email]);
  await owner.db.run(sql`
    insert into groups (name, provider, rule) select 'Alpha ' || n, 'openid', 'claim:groups=' || n from generate_series(1, 150) n`);
  openid.people.set("cyd", { ...cyd, groups: ["150"] });
  await signIn("openid", "cyd");
  expect([await membersOf("Zeta"), await membersOf("Alpha 150")]).toEqual([[], [cyd.email]]);
});

test("L8 a provider is asked once about each organization, and no group is added that would have it asked too often", async () => {
  await follow("Acme again", "github", "org:acme");
  const dev = { id: 5001, login: "dev", emails: [{ email: "dev@acme.example", primary: true, verified: true }] };
  github.people.set("dev", { ...dev, memberOf: ["acme"] });
  let asked = 0;
  github.controls.fault = (path) => {
    if (path.includes("/memberships/orgs/acme")) asked++;
    return null;
  };
  await signIn("github", "dev");
  github.controls.fault = null;
  expect(asked).toBe(1);
  expect([await membersOf("Acme"), await membersOf("Acme again")]).toEqual([
    ["dev@acme.example"],
    ["dev@acme.example"],
  ]);

  await owner.db.run(sql`
    insert into groups (name, provider, rule) select 'Team ' || n, 'github', 'team:acme/' || n from generate_series(1, 97) n`);
  const add = (name: string, rule: string) => addGroup(owner, { name, follows: { provider: "github", rule } });
  expect(await add("Another", "org:other")).toEqual({
    problem:
      "A hundred groups follow organizations and teams of this provider already, which is the most that it can be asked about.",
    field: "rule",
  });
  expect(await add("By address", "domain:acme.example")).toEqual({ done: true });
  expect(await addGroup(owner, { name: "No", follows: { provider: "nobody", rule: "org:other" } })).toEqual({
    problem: "There is no such provider.",
  });
});

test("L8 removing a provider removes its groups, and the access that people had by them", async () => {
  const server = await addRestrictedServer(gatehouse, "https://last.example");
  await server.allow([], { kind: "group", name: "Members" });
  openid.people.set("bob", { email: "bob@members.example", email_verified: true });
  const browser = await signIn("openid", "bob");
  const tokens = await grantTokens(gatehouse, browser, client, { resource: server.uri });
  expect(await isActive(server.at, tokens.access_token)).toBe(true);
  await removeProvider(owner, "openid", 0);
  expect(await isActive(server.at, tokens.access_token)).toBe(false);
  expect(await readGroup(owner, "Members")).toBeNull();
  expect(await findUserByEmail(owner.db, "bob@members.example")).not.toBeNull();
});
