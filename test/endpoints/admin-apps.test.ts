import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { grantTokens, isActive, postJson, REDIRECT_URI, registerClient } from "../support/oauth-client.ts";
import { textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, browser } = await ownerScene();
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
