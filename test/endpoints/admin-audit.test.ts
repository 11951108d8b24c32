import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Page } from "../../src/dev/headless-browser.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { registerClient, type TestClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ vars: { REGISTRATION_POLICY: "open" } });
const { issuer, owner: operator } = gatehouse;

async function addOwner() {
  const person = await gatehouse.addPerson();
  await operator.db.run(sql`update users set role = 'owner' where id = ${person.id}`);
  return person;
}
const owner = await addOwner();
const browser = await gatehouse.signedInBrowser(owner);
const text = (page: Page) => page.html.textContent.replaceAll(/\s+/g, " ");
const clientPage = ({ client_id: id }: TestClient) => `${issuer}/admin/clients/one?${new URLSearchParams({ id })}`;

describe("the audit log", () => {
  test("the audit log says who did what, can be filtered, has pages, and is exported as NDJSON", async () => {
    await operator.db.run(sql`insert into audit_events (at, name, client_id)
      select now(), 'client_changed', 'client_audited' from generate_series(1, 2150)`);
    const page = await browser.open(`${issuer}/admin/audit?client=client_audited&event=client_changed`);
    expect(page.html.querySelectorAll("tbody tr")).toHaveLength(50);
    const older = page.html.querySelectorAll("main a").find((link) => link.textContent === "Older");
    expect((await browser.open(older?.getAttribute("href") ?? "")).html.querySelectorAll("tbody tr")).toHaveLength(50);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const exported = await fetch(`${issuer}/admin/audit.ndjson?client=client_audited`, { headers: { Cookie: cookie } });
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
    expect(text(page)).toContain(`${owner.email} approved`);
  });

  test.each(["?event=nope", "?days=x&before=y&user=%20&client=%3Cscript%3E", "?user=%00", "?client=%ff"])(
    "a filter like %s causes no error",
    async (query) => {
      for (const path of ["/admin/audit", "/admin/audit.ndjson", "/admin/audit.csv"])
        expect((await browser.open(issuer + path + query)).status).toBeLessThan(500);
    },
  );
});
