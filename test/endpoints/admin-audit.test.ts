import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
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
