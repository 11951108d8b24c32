import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Page } from "../../src/dev/headless-browser.ts";
import { createInitialAccessToken } from "../../src/flows/admin/initial-access-tokens.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { grantTokens, isActive, registerClient } from "../support/oauth-client.ts";
import { cookieOf, sendForm, textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, browser } = await ownerScene({ email: "owner@example.com" });
const member = await gatehouse.signedInBrowser(await gatehouse.addPerson("member@example.com"));

const TOKEN = { resource: null, uses: null, days: null };
const names = (page: Page) => page.html.querySelectorAll("tbody .named bdi").map((name) => name.textContent);
const cookie = () => cookieOf(browser);

describe("the list of apps", () => {
  test("apps are filtered by the owner's decision and by their use, and sorted both ways", async () => {
    const add = (client_name: string) => registerClient(gatehouse, { client_name });
    const [used, approved, blocked] = [await add("Used"), await add("Approved one"), await add("Blocked one")];
    await add("Unused");
    await grantTokens(gatehouse, member, used);
    await setClientStatus(operator, approved.client_id, "approve");
    await setClientStatus(operator, blocked.client_id, "block");
    const list = async (query: string) => names(await browser.open(`${issuer}/admin/clients?${query}`));
    expect(await list("")).toEqual(["Unused", "Blocked one", "Approved one", "Used"]);
    expect(await list("order=oldest")).toEqual(["Used", "Approved one", "Blocked one", "Unused"]);
    expect(await list("state=unreviewed")).toEqual(["Unused", "Used"]);
    expect(await list("state=approved")).toEqual(["Approved one"]);
    expect(await list("state=blocked")).toEqual(["Blocked one"]);
    expect(await list("state=unused")).toEqual(["Unused", "Blocked one", "Approved one"]);
    expect(await list("state=unused&search=block")).toEqual(["Blocked one"]);
    expect(await list("state=nonsense&order=nonsense&page=nonsense")).toHaveLength(4);
  });

  test("several apps are blocked or deleted at once, with everything that they were granted", async () => {
    const clients = [await registerClient(gatehouse), await registerClient(gatehouse), await registerClient(gatehouse)];
    const tokens = await Promise.all(clients.map((client) => grantTokens(gatehouse, member, client)));
    const active = () => Promise.all(tokens.map(({ access_token }) => isActive(gatehouse, access_token)));
    const page = await browser.open(`${issuer}/admin/clients`);
    const ask = (change: string, id: string[]) => browser.submit(page, "/admin/clients/question", { change, id });
    const send = async (change: string, id: string[]) =>
      browser.submit(await ask("block", id), "/admin/clients/several", { change });
    const [one, two, three] = clients.map((client) => client.client_id) as [string, string, string];
    expect(textOf(await send("block", [one, two]))).toContain("The selected apps are blocked");
    expect(await active()).toEqual([false, false, true]);
    expect(textOf(await send("delete", [two, three, "nobody"]))).toContain("The selected apps are deleted");
    expect(await active()).toEqual([false, false, false]);
    const left = await operator.db.read(sql`select id from clients where id in (${one}, ${two}, ${three})`);
    expect(left).toEqual([{ id: one }]);
    const events = await operator.db.read(sql`
      select name, count(*)::int as count from audit_events
      where client_id in (${one}, ${two}, ${three}) and name in ('client_disabled', 'client_deleted') group by 1 order by 1`);
    expect(events).toEqual([
      { name: "client_deleted", count: 2 },
      { name: "client_disabled", count: 2 },
    ]);
    expect((await ask("delete", [])).status).toBe(400);
    expect((await ask("delete", [two, three])).status).toBe(400);
    expect((await ask("approve", [one])).status).toBe(400);
    expect((await send("approve", [one])).status).toBe(400);
    const empty = await sendForm(browser, `${issuer}/admin/clients/several`, { change: "delete" });
    expect(empty.status).toBe(400);
  });
});

test("people are filtered by role and state, and sorted both ways", async () => {
  const away = await gatehouse.addPerson("away@example.com");
  await operator.db.run(sql`update users set disabled_at = now() where id = ${away.id}`);
  const list = async (query: string) => names(await browser.open(`${issuer}/admin/people?${query}`));
  expect(await list("")).toEqual(["away@example.com", "member@example.com", "owner@example.com"]);
  expect(await list("order=z")).toEqual(["owner@example.com", "member@example.com", "away@example.com"]);
  expect(await list("state=owner")).toEqual(["owner@example.com"]);
  expect(await list("state=member")).toEqual(["member@example.com"]);
  expect(await list("state=disabled")).toEqual(["away@example.com"]);
});

test("servers are found by name or URL, filtered and sorted both ways", async () => {
  for (const name of ["Alpha", "Beta"]) {
    await addResource(operator, {
      uri: `https://${name}.example/mcp`.toLowerCase(),
      name,
      scopes: [],
      isDefault: false,
    });
  }
  await operator.db.run(sql`update introspection_credentials set last_used_at = now()
    where resource_id <> (select id from resources where name = 'Beta')`);
  const list = async (query: string) => names(await browser.open(`${issuer}/admin/resources?${query}`));
  expect(await list("")).toEqual(["Weather", "Alpha", "Beta"]);
  expect(await list("order=z")).toEqual(["Beta", "Alpha", "Weather"]);
  expect(await list("search=ALPH")).toEqual(["Alpha"]);
  expect(await list("search=beta.example")).toEqual(["Beta"]);
  expect(await list("state=unused")).toEqual(["Beta"]);
  expect(await list("state=connected")).toEqual(["Weather"]);
  expect(await list("state=nonsense&order=nonsense&page=nonsense&search=%25_")).toEqual([]);
  expect(textOf(await browser.open(`${issuer}/admin`))).toContain("1 server credential never used yet");
});

test("registration tokens are found by name, filtered, sorted both ways, and listed by pages", async () => {
  for (const label of ["First", "Second", "Third"]) await createInitialAccessToken(operator, { ...TOKEN, label });
  await operator.db.run(sql`update initial_access_tokens set revoked_at = now() where label = 'Second'`);
  await operator.db.run(sql`update initial_access_tokens set uses_left = 0 where label = 'Third'`);
  const labels = (page: Page) => page.html.querySelectorAll("tbody td:first-child bdi").map((name) => name.textContent);
  const list = async (query: string) => labels(await browser.open(`${issuer}/admin/registration?${query}`));
  expect(await list("")).toEqual(["Third", "Second", "First"]);
  expect(await list("order=oldest")).toEqual(["First", "Second", "Third"]);
  expect(await list("state=active")).toEqual(["First"]);
  expect(await list("state=ended")).toEqual(["Third", "Second"]);
  expect(await list("search=SEC")).toEqual(["Second"]);
  expect(await list("state=nonsense&order=nonsense&page=nonsense&after=nonsense")).toHaveLength(3);
  await operator.db.run(sql`
    insert into initial_access_tokens (digest, label, created_at)
    select sha256(n::text::bytea), 'Many ' || n, now() - n / 2 * interval '1 minute' from generate_series(1, 40) n`);
  const first = await browser.open(`${issuer}/admin/registration`);
  const next = first.html.querySelectorAll("a").find((link) => link.textContent.trim() === "Older");
  const second = await browser.open(next?.getAttribute("href") ?? "");
  expect(new Set([...labels(first), ...labels(second)]).size).toBe(43);
});

test("connections are found by the name of their app or server, and sorted both ways", async () => {
  const visitor = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const apps = [];
  for (const client_name of ["Notes", "Editor", "100% notes_"])
    apps.push(await registerClient(gatehouse, { client_name }));
  for (const app of apps) await grantTokens(gatehouse, visitor, app);
  const list = async (query: string) =>
    (await visitor.open(`${issuer}/account?${query}`)).html
      .querySelectorAll(".cards h3 bdi")
      .map((name) => name.textContent);
  const all = ["100% notes_", "Editor", "Notes"];
  expect((await list("order=oldest")).toReversed()).toEqual(await list(""));
  expect((await list("")).filter((name) => all.includes(name))).toEqual(all);
  expect(await list("search=NOTES")).toEqual(["100% notes_", "Notes"]);
  expect(await list("search=%25")).toEqual(["100% notes_"]);
  expect(await list("search=weather&order=oldest")).toHaveLength(3);
  expect(await list("search=nobody")).toEqual([]);
  expect(await list("search=notes&ended")).toEqual([]);
});

describe("a server's page", () => {
  test("a server is deleted with everything that was granted for it, after a question that says so", async () => {
    const added = await addResource(operator, {
      uri: "https://gone.example/mcp",
      name: "Gone",
      scopes: [],
      isDefault: false,
    });
    if ("problem" in added) throw new Error(added.problem);
    const client = await registerClient(gatehouse);
    const tokens = await grantTokens(gatehouse, member, client, { resource: added.uri });
    const page = await browser.open(`${issuer}/admin/resources/${added.id}`);
    expect(textOf(page)).toContain("1 live connection will end at once, 1 person loses access");
    const after = await browser.submit(page, `/admin/resources/${added.id}/delete`, {});
    expect([after.url.pathname, textOf(after).includes("Server deleted")]).toEqual(["/admin/resources", true]);
    expect((await browser.open(`${issuer}/admin/resources/${added.id}`)).status).toBe(404);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    const events = await operator.db.read(sql`
      select name from audit_events where resource_id = ${added.id} and name in ('family_revoked', 'resource_deleted') order by id`);
    expect(events).toEqual([{ name: "family_revoked" }, { name: "resource_deleted" }]);
    expect((await browser.submit(page, `/admin/resources/${added.id}/delete`, {})).status).toBe(400);
  });
});

describe("the audit log", () => {
  test("events read as sentences that link what they name, and routine events share a row", async () => {
    const client = await registerClient(gatehouse, { client_name: "Code editor" });
    await grantTokens(gatehouse, member, client);
    await operator.db.run(sql`
      insert into audit_events (at, name, client_id, resource_id, user_id, family_id)
      select now(), 'token_refreshed', client_id, resource_id, user_id, id
      from token_families, generate_series(1, 14) where client_id = ${client.client_id}`);
    const page = await browser.open(`${issuer}/admin/audit?${new URLSearchParams({ client: client.client_id })}`);
    const [renewed, connected, allowed] = page.html.querySelectorAll("tbody tr").map((row) => row.textContent);
    expect(renewed).toContain("Code editor renewed its access to Weather for member@example.com, 14 times");
    expect(connected).toContain("Code editor connected to Weather for member@example.com");
    expect(allowed).toContain("member@example.com let Code editor use Weather");
    const links = page.html
      .querySelectorAll("tbody a")
      .map((link) => new URL(link.getAttribute("href") ?? "").pathname);
    expect(new Set(links)).toEqual(
      new Set(["/admin/clients/one", `/admin/resources/${gatehouse.resource.id}`, "/admin/people/one"]),
    );
  });

  test("routine events share a row only if they have everything in common that the row says", async () => {
    const client = await registerClient(gatehouse, { client_name: "Nightly job" });
    await operator.db.run(sql`
      insert into audit_events (at, name, client_id, resource_id, address)
      select now(), 'client_credentials_granted', ${client.client_id}, resource_id, address
      from (values (1, 'one', '203.0.113.7'), (2, 'one', '203.0.113.7'), (3, 'two', '203.0.113.7'), (4, 'two', '203.0.113.8'))
        granted(n, resource_id, address) order by n`);
    const page = await browser.open(`${issuer}/admin/audit?${new URLSearchParams({ client: client.client_id })}`);
    const rows = page.html.querySelectorAll("tbody tr").map((row) => row.textContent);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain("two");
    expect(rows[1]).toContain("two");
    expect(rows[2]).toMatch(/one.*2 times/);
  });

  test("no cell of the CSV begins a formula, whatever an app is called", async () => {
    const client = await registerClient(gatehouse, { client_name: '=HYPERLINK("https://evil.example")' });
    const query = new URLSearchParams({ client: client.client_id });
    const answer = await fetch(`${issuer}/admin/audit.csv?${query}`, { headers: cookie() });
    expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    const [head = "", line = ""] = (await answer.text()).split("\r\n");
    expect(head).toBe("at,name,count,email,byEmail,clientId,clientName,resourceId,resourceName,address");
    expect(line).toContain(
      `"client_registered","1","","","${client.client_id}","'=HYPERLINK(""https://evil.example"")"`,
    );
  });

  test.each([
    ["a semicolon", "App;=1+1", "App;'=1+1"],
    ["wide characters", "＝1+1", "'＝1+1"],
    ["a space before it", "App; =1+1", "App;' =1+1"],
  ])("no cell of the spreadsheet becomes a formula by %s", async (_, client_name, cell) => {
    const client = await registerClient(gatehouse, { client_name });
    const query = new URLSearchParams({ client: client.client_id });
    const answer = await fetch(`${issuer}/admin/audit.csv?${query}`, { headers: cookie() });
    expect(await answer.text()).toContain(`"${client.client_id}","${cell}"`);
  });

  test("a filter that makes no sense is reported on the page", async () => {
    const page = await browser.open(`${issuer}/admin/audit?days=abc`);
    expect([page.status, textOf(page).includes("a whole number from 1")]).toEqual([400, true]);
  });
});
