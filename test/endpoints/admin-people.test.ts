import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { addGroup, addToGroup, readGroup } from "../../src/flows/admin/groups.ts";
import { PASSWORD } from "../support/gatehouse.ts";
import { grantTokens, isActive, postForm, registerClient } from "../support/oauth-client.ts";
import { sendForm, textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, owner, browser } = await ownerScene();

describe("people", () => {
  test("a member is invited by a link that is shown once, and sets up an account with it", async () => {
    const page = await browser.open(`${issuer}/admin/people`);
    const made = await browser.submit(page, "/admin/people/invite", { email: "Guest@Example.com", role: "member" });
    const link = made.html.querySelector(".secret code")?.textContent ?? "";
    expect(textOf(await browser.open(`${issuer}/admin/people`))).not.toContain(link);
    const guest = createHeadlessBrowser();
    const setup = await guest.submit(await guest.open(link), "/setup", { code: new URL(link).hash.slice(1) });
    expect((await guest.submit(setup, "/setup/password", { password: PASSWORD })).url.pathname).toBe(
      "/account/security",
    );
    expect((await guest.open(`${issuer}/admin`)).status).toBe(403);
    expect((await browser.submit(page, "/admin/people/invite", { email: "no address" })).status).toBe(400);
  });

  test("an unused link can be withdrawn", async () => {
    const page = await browser.open(`${issuer}/admin/people`);
    const made = await browser.submit(page, "/admin/people/invite", { email: "late@example.com", role: "owner" });
    const code = new URL(made.html.querySelector(".secret code")?.textContent ?? "").hash.slice(1);
    await browser.submit(made, "/admin/people/revoke-link", {});
    const guest = createHeadlessBrowser();
    expect((await guest.submit(await guest.open(`${issuer}/setup`), "/setup", { code })).status).toBe(400);
  });

  test("an owner disables, enables, resets and deletes other people, but never themself", async () => {
    const person = await gatehouse.addPerson();
    const theirs = await gatehouse.signedInBrowser(person);
    const tokens = await grantTokens(gatehouse, theirs, await registerClient(gatehouse));
    const { email } = person;
    expect((await sendForm(browser, `${issuer}/admin/people/disable`, { email })).status).toBe(303);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect((await theirs.open(`${issuer}/account`)).url.pathname).toBe("/login");
    expect((await sendForm(browser, `${issuer}/admin/people/enable`, { email })).status).toBe(303);
    expect((await sendForm(browser, `${issuer}/admin/people/reset`, { email })).status).toBe(200);
    expect((await sendForm(browser, `${issuer}/admin/people/delete`, { email })).status).toBe(303);
    expect((await sendForm(browser, `${issuer}/admin/people/reset`, { email })).status).toBe(400);
    for (const what of ["disable", "delete"])
      expect((await sendForm(browser, `${issuer}/admin/people/${what}`, { email: owner.email })).status).toBe(400);
    expect((await browser.open(`${issuer}/admin`)).status).toBe(200);
  });

  test("a person's page links the groups that they are in, and the apps and servers of their live connections", async () => {
    const { email } = await gatehouse.addPerson();
    const theirs = await gatehouse.signedInBrowser({ email });
    const open = () => browser.open(`${issuer}/admin/people/one?${new URLSearchParams({ email })}`);
    const bare = textOf(await open());
    expect(bare).toContain("GroupsNone");
    expect(bare).toContain("No app is connected.");

    const editor = await registerClient(gatehouse, { client_name: "Code editor" });
    const notes = await registerClient(gatehouse, { client_name: "Notes" });
    await grantTokens(gatehouse, theirs, editor);
    const { refresh_token } = await grantTokens(gatehouse, theirs, notes);
    await postForm(`${issuer}/revoke`, { token: refresh_token, client_id: notes.client_id });
    await grantTokens(gatehouse, await gatehouse.signedInBrowser(await gatehouse.addPerson()), notes);
    for (const name of ["Devs & Ops", "Accounting", "Not theirs"]) await addGroup(operator, { name, follows: null });
    for (const name of ["Devs & Ops", "Accounting"])
      await addToGroup(operator, (await readGroup(operator, name))?.id ?? "", email);

    const page = await open();
    const links = page.html
      .querySelectorAll("main .facts a, main table a")
      .map((link) => [link.textContent, new URL(link.getAttribute("href") ?? "").href.slice(issuer.length)]);
    expect(links).toEqual([
      ["Accounting", "/admin/groups/one?name=Accounting"],
      ["Devs & Ops", "/admin/groups/one?name=Devs+%26+Ops"],
      ["Code editor", `/admin/clients/one?id=${editor.client_id}`],
      ["Weather", `/admin/resources/${gatehouse.resource.id}`],
    ]);
    expect((await browser.open(`${issuer}/admin/groups/one?name=Devs+%26+Ops`)).status).toBe(200);
  });

  test("a person's page names ten connections and twenty groups, and says how many more there are", async () => {
    const { email, id } = await gatehouse.addPerson();
    await grantTokens(gatehouse, await gatehouse.signedInBrowser({ email }), await registerClient(gatehouse));
    await operator.db.run(sql`
      insert into token_families (id, user_id, client_id, resource_id, scopes, authentication_method, expires_at)
      select gen_random_uuid(), user_id, client_id, resource_id, '{}', 'none', now() + interval '1 day'
      from token_families, generate_series(1, 12) n where user_id = ${id}`);
    await operator.db.run(sql`insert into groups (name) select 'Many ' || n from generate_series(1, 23) n`);
    await operator.db.run(sql`
      insert into group_members (group_id, user_id) select id, ${id} from groups where name like 'Many %'`);
    const open = () => browser.open(`${issuer}/admin/people/one?${new URLSearchParams({ email })}`);
    const page = await open();
    expect(page.html.querySelectorAll("tbody tr")).toHaveLength(10);
    expect(textOf(page)).toContain("Many 6 and 3 more");
    expect(textOf(page)).toContain("and 3 moreChange access");
    await operator.db.run(sql`
      insert into token_families (id, user_id, client_id, resource_id, scopes, authentication_method, expires_at)
      select gen_random_uuid(), user_id, client_id, resource_id, '{}', 'none', now() + interval '1 day'
      from token_families, generate_series(1, 12) n where user_id = ${id}`);
    expect(textOf(await open())).toContain("and at least 90 more");
  });

  test("a person's page doesn't say that no app is connected if thousands of later connections have ended", async () => {
    const { email, id } = await gatehouse.addPerson();
    await grantTokens(gatehouse, await gatehouse.signedInBrowser({ email }), await registerClient(gatehouse));
    await operator.db.run(sql`
      insert into token_families
        (id, user_id, client_id, resource_id, scopes, authentication_method, created_at, expires_at, revoked_at, revoked_reason)
      select gen_random_uuid(), user_id, client_id, resource_id, '{}', 'none', now() + interval '1 second',
        now() + interval '1 day', now(), 'user'
      from token_families, generate_series(1, 2000) n where user_id = ${id}`);
    const page = textOf(await browser.open(`${issuer}/admin/people/one?${new URLSearchParams({ email })}`));
    expect(page).not.toContain("No app is connected.");
    expect(page).toContain("The newest connections have all ended.Older ones that are live: 1");
  });
});

test("groups are found by a part of their name, and listed by pages, and each one opens", async () => {
  for (const name of ["100% sales_", "Zebras"]) await addGroup(operator, { name, follows: null });
  const titles = (page: Page) => page.html.querySelectorAll(".cards h2 bdi").map((name) => name.textContent);
  const list = async (query: string) => titles(await browser.open(`${issuer}/admin/groups?${query}`));
  expect((await list("")).at(0)).toBe("100% sales_");
  expect(await list("search=ZEB")).toEqual(["Zebras"]);
  expect(await list("search=%25")).toEqual(["100% sales_"]);
  expect(await list("search=nobody&page=nonsense&after=nothing")).toEqual([]);
  await operator.db.run(sql`insert into groups (name) select 'Long list ' || n from generate_series(1001, 1220) n`);
  const seen: string[] = [];
  let next: string | undefined = `${issuer}/admin/groups?search=long+list`;
  while (next) {
    const page = await browser.open(next);
    seen.push(...titles(page));
    next = page.html
      .querySelectorAll("main a")
      .find((link) => link.textContent === "More")
      ?.getAttribute("href");
  }
  expect([seen.length, new Set(seen).size]).toEqual([220, 220]);
  expect((await browser.open(`${issuer}/admin/groups/one?name=Long+list+1220`)).status).toBe(200);
});

test("a group's page says how many people are in it beside the thousand that it lists", async () => {
  await addGroup(operator, { name: "Crowd", follows: null });
  await operator.db.run(
    sql`insert into users (email, role) select n || '@crowd.example', 'member' from generate_series(1, 1003) n`,
  );
  await operator.db.run(sql`
    insert into group_members (group_id, user_id)
    select g.id, u.id from groups g, users u where g.name = 'Crowd' and u.email like '%@crowd.example'`);
  const page = await browser.open(`${issuer}/admin/groups/one?name=Crowd`);
  expect(page.html.querySelectorAll("tbody tr")).toHaveLength(1000);
  expect(textOf(page)).toContain("and 3 moreDelete this group");
});
