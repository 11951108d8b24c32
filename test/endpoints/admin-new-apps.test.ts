import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { holdApp } from "../support/held-app.ts";
import { authorizationRequest, grantTokens, isActive, registerClient } from "../support/oauth-client.ts";
import { textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, owner, browser } = await ownerScene();
const person = await gatehouse.addPerson("ada@example.com");
const theirs = await gatehouse.signedInBrowser(person);

const open = () => browser.open(`${issuer}/admin/new-apps`);
const set = async (kind: string, pattern: string, decision: string) =>
  browser.submit(await open(), "/admin/new-apps", { kind, pattern, decision });

describe("Clients: the owner decides which apps come in", () => {
  test("Clients: the owner decides on a page, to which the overview leads while somebody waits", async () => {
    expect(textOf(await open())).toContain("No apps are waiting");
    const client = await holdApp(gatehouse, theirs, { client_name: "Newcomer <b>" });
    expect(textOf(await browser.open(`${issuer}/admin`))).toContain("1 new app waiting for your approval");
    const page = await open();
    for (const shown of ["Newcomer <b>", "ada@example.com", "Weather", "app.example", "Unverified", "Ask me first"])
      expect(textOf(page)).toContain(shown);
    const [reference] = await operator.db.read<{ id: string }>(sql`select id::text from app_requests`);
    expect(textOf(page)).toContain(reference?.id.slice(0, 8));
    const approved = await browser.submit(page, "/admin/clients", {});
    expect(textOf(approved)).toContain("approved by the people");
    expect(textOf(await open())).toContain("No apps are waiting");
    expect((await theirs.open((await authorizationRequest(gatehouse, client)).url)).status).toBe(200);
  });

  test("Clients: an approval is for the app as it was shown", async () => {
    const client = await holdApp(gatehouse, theirs);
    const page = await open();
    await operator.db.run(sql`update clients set fingerprint = '\\x00' where id = ${client.client_id}`);
    expect((await browser.submit(page, "/admin/clients", {})).status).toBe(400);
    await operator.db.run(sql`delete from clients where id = ${client.client_id}`);
  });

  test("Clients: rules are set and removed on the page, which stays and explains if a rule is not valid", async () => {
    const again = await set("document", "not a host", "ask");
    expect([again.status, textOf(again).includes("Name a host like example.com")]).toEqual([400, true]);
    expect(again.html.querySelector("#pattern")?.getAttribute("value")).toBe("not a host");
    const client = await registerClient(gatehouse, { redirect_uris: ["https://shady.example/cb"] });
    await set("registered", "", "welcome");
    const tokens = await grantTokens(gatehouse, theirs, client);
    expect(textOf(await set("redirect", "*.example", "refuse"))).toMatch(
      /Apps that send people to \*\.example ?Keep out/,
    );
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    const log = textOf(await browser.open(`${issuer}/admin/audit`));
    expect(log).toContain(`${owner.email} set the rule: apps that send people to *.example: keep out`);
    const links = (await open()).html.querySelectorAll('a[href*="/remove"]');
    expect(links).toHaveLength(2);
    const question = await browser.open(links[0]?.getAttribute("href") ?? "");
    expect(textOf(question)).toContain("Remove the rule for apps that send people to *.example?");
    expect(textOf(question)).toContain("The rule says: Keep out");
    const removed = await browser.submit(question, "/admin/new-apps/remove", {});
    expect(removed.url.pathname).toBe("/admin/new-apps");
    expect(textOf(removed)).not.toContain("send people to *.example");
    expect((await browser.open(question.url)).status).toBe(404);
    expect((await theirs.open(question.url)).status).toBe(403);
  });

  test("Clients: only an owner can decide", async () => {
    expect((await theirs.open(`${issuer}/admin/new-apps`)).status).toBe(403);
    const forged = { ...(await open()) };
    const answer = await theirs.submit(forged, "/admin/new-apps", {
      kind: "registered",
      pattern: "",
      decision: "welcome",
    });
    expect(answer.status).toBe(403);
  });

  test("P5 apps that never got a token are deleted in time, and the page says how many", async () => {
    await registerClient(gatehouse);
    expect(textOf(await open())).toMatch(/\d+ apps? never got access/);
    await operator.db.run(sql`update clients set created_at = now() - interval '40 days', review_at = now() - interval '1 day'
      where not exists (select from token_families f where f.client_id = clients.id) and approved_fingerprint is null`);
    await gatehouse.runScheduled();
    const page = textOf(await open());
    expect(page).toMatch(/In the last 30 days, [1-9]\d* apps? w(as|ere) removed/);
    expect(textOf(await browser.open(`${issuer}/admin/audit`))).toMatch(
      /The clean-up removed apps that nobody uses: [1-9]/,
    );
  });
});
