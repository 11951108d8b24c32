import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { HeadlessBrowser, Page } from "../../src/dev/headless-browser.ts";
import { rotateResourceCredential } from "../../src/flows/admin/resources.ts";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { postForm, registerClient, type TestClient } from "../support/oauth-client.ts";

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

/** Sends a form with this browser's cookies and a CSRF token of its own. */
async function send(by: HeadlessBrowser, path: string, fields: Record<string, string>, csrfPage = "/account") {
  const page = await by.open(issuer + csrfPage);
  const csrf = page.html.querySelector('[name="csrf"]')?.getAttribute("value") ?? "";
  const cookie = [...by.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return postForm(issuer + path, { csrf, ...fields }, { Cookie: cookie });
}

/** Everything that a change would show in. */
const state = async () =>
  (
    await operator.db.read(sql`select
      (select count(*)::int from audit_events where name not in ('signed_in', 'signed_out')) as events,
      (select json_agg(r.* order by r.id)::text from resources r) as resources,
      (select json_agg(u.* order by u.id)::text from users u) as users,
      (select count(*)::int from setup_links) as links,
      (select count(*)::int from initial_access_tokens) as tokens,
      (select count(*)::int from clients where approved_fingerprint is not null) as approved,
      (select count(*)::int from introspection_credentials) as credentials`)
  )[0];

describe("in an owner's browser that was left open", () => {
  test.each([
    ["/admin/people/reset", { email: owner.email }],
    ["/admin/people/invite", { email: "accomplice@example.com", role: "owner" }],
    ["/admin/resources", { uri: "https://another.example/mcp", name: "Another" }],
    [`/admin/resources/${gatehouse.resource.id}/rotate`, {}],
    ["/admin/registration", { label: "x" }],
  ])("%s hands nothing out without a fresh sign-in", async (path, fields) => {
    const left = await gatehouse.signedInBrowser(owner);
    await gatehouse.moveClock(3600);
    const before = await state();
    const answer = await send(left, path, fields);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toContain("/login?continue=");
    expect(await state()).toEqual(before);
    await gatehouse.moveClock(0);
  });

  test("the statements hand nothing out without a fresh sign-in either, whatever the page let pass", async () => {
    const left = await gatehouse.signedInBrowser(owner);
    const digest = await sha256(left.cookies.get("gatehouse_session") ?? "");
    const authority = { digest, idleSeconds: 3600, role: "owner", signedInSince: new Date(Date.now() + 1000) } as const;
    const stale = { ...operator, actor: { ...operator.actor, authority } };
    const purpose = { kind: "reset", email: owner.email } as const;
    expect(await createSetupLink(stale, issuer, purpose)).toHaveProperty("problem");
    expect(await rotateResourceCredential(stale, gatehouse.resource.uri)).toHaveProperty("problem");
  });
});

test("an approval is for the app that was shown, and not for what it has become since", async () => {
  const client = await registerClient(gatehouse, { client_name: "Benign" });
  const page = await browser.open(clientPage(client));
  expect(text(page)).toContain("Benign");
  const changed = await fetch(String(client["registration_client_uri"]), {
    method: "PUT",
    headers: { Authorization: `Bearer ${client["registration_access_token"]}`, "Content-Type": "application/json" },
    body: JSON.stringify({
      client_id: client.client_id,
      client_name: "Claude",
      redirect_uris: ["https://evil.example/cb"],
      token_endpoint_auth_method: "none",
    }),
  });
  expect(changed.status).toBe(200);
  expect((await browser.submit(page, "/admin/clients", { change: "approve" })).status).toBe(400);
  const approved = await operator.db.read(
    sql`select id from clients where id = ${client.client_id} and approved_fingerprint = fingerprint`,
  );
  expect(approved).toEqual([]);
});
