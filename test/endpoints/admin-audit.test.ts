import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Page } from "../../src/dev/headless-browser.ts";
import { setAppRule } from "../../src/flows/admin/app-rules.ts";
import { addGroup } from "../../src/flows/admin/groups.ts";
import { registerClient, type TestClient } from "../support/oauth-client.ts";
import { cookieOf, textOf } from "../support/pages.ts";
import { addGitHub } from "../support/providers.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, owner, browser } = await ownerScene();
const clientPage = ({ client_id: id }: TestClient) => `${issuer}/admin/clients/one?${new URLSearchParams({ id })}`;

describe("the audit log", () => {
  test("the audit log says who did what, can be filtered, has pages, and is exported as NDJSON", async () => {
    await operator.db.run(sql`insert into audit_events (at, name, client_id)
      select now(), 'client_changed', 'client_audited' from generate_series(1, 2150)`);
    const page = await browser.open(`${issuer}/admin/audit?client=client_audited&event=client_changed`);
    expect(page.html.querySelectorAll("tbody tr")).toHaveLength(50);
    const older = page.html.querySelectorAll("main a").find((link) => link.textContent === "Older");
    expect((await browser.open(older?.getAttribute("href") ?? "")).html.querySelectorAll("tbody tr")).toHaveLength(50);
    const headers = cookieOf(browser);
    const exported = await fetch(`${issuer}/admin/audit.ndjson?client=client_audited`, { headers });
    expect(exported.headers.get("Content-Type")).toBe("application/x-ndjson");
    const lines = (await exported.text()).trim().split("\n");
    expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(2150);
  });

  test("each page says which it is and how much it shows, and leads on, and back to the first", async () => {
    await operator.db.run(sql`insert into audit_events (at, name, client_id)
      select now(), 'client_changed', 'client_paged' from generate_series(1, 120)`);
    const readPager = ({ html }: Page) => {
      const pager = html.querySelector(".pager");
      const links = (pager?.querySelectorAll("a") ?? []).map((link) => [link.textContent, link.getAttribute("href")]);
      return { says: pager?.querySelector("span")?.textContent, links: Object.fromEntries(links) };
    };
    const first = `${issuer}/admin/audit?client=client_paged`;
    const one = readPager(await browser.open(first));
    expect([one.says, Object.keys(one.links)]).toEqual(["Page 1: 50 events", ["Older"]]);
    const two = readPager(await browser.open(one.links["Older"]));
    expect([two.says, Object.keys(two.links)]).toEqual(["Page 2: 50 events", ["First page", "Older"]]);
    const three = readPager(await browser.open(two.links["Older"]));
    expect([three.says, three.links]).toEqual(["Page 3: 20 events", { "First page": first }]);
  });

  test("the record of an owner's act names that owner", async () => {
    const client = await registerClient(gatehouse);
    await browser.submit(await browser.open(clientPage(client)), "/admin/clients", { change: "approve" });
    const [event] = await operator.db.read(
      sql`select details from audit_events where client_id = ${client.client_id} and name = 'client_approved'`,
    );
    expect(event).toEqual({ details: { by: owner.id } });
    const page = await browser.open(`${issuer}/admin/audit?client=${client.client_id}`);
    expect(textOf(page)).toContain(`${owner.email} approved`);
  });

  test("what a sentence names leads to where it is, and a name keeps its letters", async () => {
    await addGroup(operator, { name: "accounting", follows: null });
    await setAppRule(operator, "redirect", "shady.example", "refuse");
    await addGitHub(gatehouse);
    await operator.db.run(sql`insert into audit_events (at, name, details)
      values (now(), 'issuer_added', '{"issuer": "builds"}'), (now(), 'client_deleted', null)`);
    const { html } = await browser.open(`${issuer}/admin/audit`);
    const links = html.querySelectorAll("tbody a").map((link) => [link.textContent, link.getAttribute("href")]);
    for (const [name, path] of [
      ["accounting", "groups"],
      ["apps that send people to shady.example: keep out", "new-apps"],
      ["github", "providers"],
      ["builds", "issuers"],
    ])
      expect(links).toContainEqual([name, `${issuer}/admin/${path}`]);
    const sentences = html.querySelectorAll("tbody .sentence").map(({ textContent }) => textContent);
    expect(sentences).toContain("An app was deleted");
    expect(sentences).toContain("The operator added the group accounting");
  });

  test.each(["?event=nope", "?days=x&before=y&user=%20&client=%3Cscript%3E", "?user=%00", "?client=%ff"])(
    "a filter like %s causes no error",
    async (query) => {
      for (const path of ["/admin/audit", "/admin/audit.ndjson", "/admin/audit.csv"])
        expect((await browser.open(issuer + path + query)).status).toBeLessThan(500);
    },
  );
});
