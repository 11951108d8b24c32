import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Page } from "../../src/dev/headless-browser.ts";
import {
  basic,
  createMachine,
  grantTokens,
  isActive,
  postForm,
  postJson,
  REDIRECT_URI,
  registerClient,
} from "../support/oauth-client.ts";
import { textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, owner, browser } = await ownerScene();
const member = await gatehouse.addPerson();
const memberBrowser = await gatehouse.signedInBrowser(member);

describe("apps", () => {
  test("an app is found by a part of its name or by the start of its id", async () => {
    const client = await registerClient(gatehouse, { client_name: "Needle in 100% hay_stack" });
    for (const search of ["needle", "100% HAY_", client.client_id.slice(0, 15)]) {
      const page = await browser.open(`${issuer}/admin/clients?${new URLSearchParams({ search })}`);
      expect(page.html.querySelectorAll("tbody tr").length).toBe(1);
      expect(textOf(page)).toContain("Needle in 100% hay_stack");
    }
    expect(textOf(await browser.open(`${issuer}/admin/clients?search=nothing_like_that`))).toContain("No app matches");
  });

  test("an app is approved, blocked, unblocked and deleted", async () => {
    const client = await registerClient(gatehouse);
    const tokens = await grantTokens(gatehouse, memberBrowser, client);
    const url = `${issuer}/admin/clients/one?${new URLSearchParams({ id: client.client_id })}`;
    const page = await browser.open(url);
    expect(textOf(page)).toContain("1 live connection");
    const act = (change: string) => browser.submit(page, "/admin/clients", { change });
    expect(textOf(await act("approve"))).toContain("approved by the people");
    expect(textOf(await act("block"))).toContain("No live connections");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(textOf(await act("unblock"))).toContain("It can ask for access again");
    expect((await act("delete")).url.pathname).toBe("/admin/clients");
    expect((await browser.open(url)).status).toBe(404);
    expect((await act("approve")).status).toBe(400);
    expect((await act("explode")).status).toBe(400);
  });

  test("the question before several apps are blocked or deleted names them and says what will end", async () => {
    const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const add = (name: string) => registerClient(gatehouse, { client_name: name });
    const apps = [await add("Both use it"), await add("One uses it")];
    for (const [index, visitor] of [memberBrowser, other].entries())
      for (const app of apps.slice(index)) await grantTokens(gatehouse, visitor, app);
    const unused = await Promise.all(Array.from({ length: 9 }, (_, n) => add(`Unused ${n}`)));
    const page = await browser.open(`${issuer}/admin/clients`);
    const ask = (change: string, of: readonly { client_id: string }[]) =>
      browser.submit(page, "/admin/clients/question", { change, id: of.map(({ client_id }) => client_id) });
    const question = await ask("delete", [...unused, ...apps]);
    expect(question.html.querySelector("h1")?.textContent).toBe("Delete 11 apps?");
    expect(textOf(question)).toContain(
      "3 live connections will end at once, and 2 people lose access. This can’t be undone",
    );
    const named = question.html.querySelectorAll("main li").map((item) => item.textContent);
    expect(named).toHaveLength(9);
    expect(named.slice(0, 2)).toEqual(["One uses it 2 live connections", "Both use it 1 live connection"]);
    expect(named.at(-1)).toBe("and 3 more");
    expect(textOf(await ask("block", unused))).toContain("No live connection will end. They can’t ask for access");
    await operator.db.run(sql`
      insert into token_families (id, client_id, resource_id, scopes, authentication_method, expires_at)
      select gen_random_uuid(), ${unused[0]?.client_id}, resource_id, '{}', 'none', now() + interval '1 day'
      from token_families, generate_series(1, 60) n where client_id = ${apps[1]?.client_id}`);
    expect(textOf(await ask("block", [...unused, ...apps]))).toContain(
      "At least 103 live connections will end at once, and at least 2 people lose access",
    );
  });

  test("an app's page lists who uses it, on which server and since when, and a machine as itself", async () => {
    const client = await registerClient(gatehouse, { client_name: "Code editor" });
    const open = ({ client_id }: { client_id: string }) =>
      browser.open(`${issuer}/admin/clients/one?${new URLSearchParams({ id: client_id })}`);
    expect(textOf(await open(client))).toContain("Nobody has connected it.");
    await grantTokens(gatehouse, memberBrowser, client);
    await grantTokens(gatehouse, browser, client);
    await operator.db.run(sql`
      update token_families set created_at = now() - interval '3 days'
      where client_id = ${client.client_id} and user_id = ${member.id}`);
    await operator.db.run(sql`
      update access_tokens t set first_used_at = now() - interval '2 hours' from token_families f
      where f.id = t.family_id and f.client_id = ${client.client_id} and f.user_id = ${member.id}`);
    const rows = (page: Page) =>
      page.html
        .querySelectorAll("tbody tr")
        .map((row) => row.querySelectorAll("td").map(({ textContent }) => textContent));
    const [theOwners, theMembers] = rows(await open(client));
    expect(theOwners?.[0]).toContain(owner.email);
    expect(theMembers?.[0]).toContain(member.email);
    expect(theMembers?.slice(1)).toEqual(["Weather", "3 days ago", "2 hours ago"]);
    const machine = await createMachine(gatehouse);
    await postForm(
      `${issuer}/token`,
      { grant_type: "client_credentials", resource: gatehouse.resource.uri },
      basic(machine.id, machine.secret),
    );
    expect(rows(await open({ client_id: machine.id }))[0]?.slice(0, 2)).toEqual([
      "Itself, without a person",
      "Weather",
    ]);
  });

  test("the list says when an app was last used, if it still has a connection", async () => {
    const client = await registerClient(gatehouse, { client_name: "Used lately" });
    const lastUse = async () => {
      const page = await browser.open(`${issuer}/admin/clients?${new URLSearchParams({ search: client.client_id })}`);
      return page.html.querySelector("[data-label='Last used']")?.textContent;
    };
    expect(await lastUse()).toBe("Never");
    await grantTokens(gatehouse, memberBrowser, client);
    const { refresh_token } = await grantTokens(gatehouse, browser, client);
    await operator.db.run(sql`
      update token_families set created_at = now() - interval '9 days' where client_id = ${client.client_id}`);
    expect(await lastUse()).toBe("9 days ago");
    await operator.db.run(sql`
      update access_tokens t set first_used_at = now() - interval '2 days' from token_families f
      where f.id = t.family_id and f.client_id = ${client.client_id} and f.user_id = ${member.id}`);
    expect(await lastUse()).toBe("2 days ago");
    await postForm(`${issuer}/token`, { grant_type: "refresh_token", refresh_token, client_id: client.client_id });
    expect(await lastUse()).toBe("just now");
    await operator.db.run(sql`
      update token_families set expires_at = now() where client_id = ${client.client_id} and user_id = ${owner.id}`);
    expect(await lastUse()).toBe("2 days ago");
    await operator.db.run(sql`update token_families set expires_at = now() where client_id = ${client.client_id}`);
    expect(await lastUse()).toBe("");
  });

  test("the list continues by cursor and shows each client once, even with a hundred thousand of them", async () => {
    await operator.db.run(sql`
      insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods,
        fingerprint, created_at)
      select 'client_many' || n, 'dynamic', 'Many', '{https://a.example/cb}', '{authorization_code}', 'web', '{none}', '\\x00',
        now() - (n / 3) * interval '1 second'
      from generate_series(1, 120) n`);
    const seen: string[] = [];
    let next: string | undefined = `${issuer}/admin/clients?search=client_many`;
    while (next) {
      const { html } = await browser.open(next);
      seen.push(...html.querySelectorAll("tbody code").map((code) => code.textContent));
      next = html
        .querySelectorAll("main a")
        .find((link) => link.textContent === "Older")
        ?.getAttribute("href");
    }
    expect([seen.length, new Set(seen).size]).toEqual([120, 120]);
  });
});

describe("registration", () => {
  test("R6 an initial access token is made, is shown once, admits as many clients as it says, and is revoked", async () => {
    const page = await browser.open(`${issuer}/admin/registration`);
    const made = await browser.submit(page, "/admin/registration", { label: "Team", uses: "1", days: "1" });
    const token = made.html.querySelector(".secret code")?.textContent ?? "";
    const register = () =>
      postJson(`${issuer}/register`, { redirect_uris: [REDIRECT_URI] }, { Authorization: `Bearer ${token}` });
    expect([(await register()).status, (await register()).status]).toEqual([201, 401]);
    expect(textOf(await browser.submit(made, "/admin/registration/revoke", {}))).toContain("Revoked");
    const bad = await browser.submit(page, "/admin/registration", { label: "x", resource: "https://nowhere.example" });
    expect(bad.status).toBe(400);
  });
});
