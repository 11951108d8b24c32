import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { rotateResourceCredential } from "../../src/flows/admin/resources.ts";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { readManagedState } from "../support/managed-state.ts";
import { registerClient, type TestClient } from "../support/oauth-client.ts";
import { sendForm, textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, owner, browser } = await ownerScene();
const clientPage = ({ client_id: id }: TestClient) => `${issuer}/admin/clients/one?${new URLSearchParams({ id })}`;

/** Everything in which a change would show. */
const state = () => readManagedState(operator.db);

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
    const answer = await sendForm(left, issuer + path, fields);
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
  expect(textOf(page)).toContain("Benign");
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
