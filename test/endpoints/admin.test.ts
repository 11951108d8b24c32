import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { readActivity } from "../../src/flows/admin/activity.ts";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { createUser } from "../../src/flows/admin/create-user.ts";
import { createInitialAccessToken, endInitialAccessToken } from "../../src/flows/admin/initial-access-tokens.ts";
import { listAuditEvents } from "../../src/flows/admin/list-audit-events.ts";
import { findClient, readClients } from "../../src/flows/admin/list-clients.ts";
import { readInitialAccessTokens } from "../../src/flows/admin/list-initial-access-tokens.ts";
import { readResource, readResources } from "../../src/flows/admin/list-resources.ts";
import { readUsers } from "../../src/flows/admin/list-users.ts";
import {
  addResource,
  changeResource,
  removeResource,
  rotateResourceCredential,
} from "../../src/flows/admin/resources.ts";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { createSetupLink, endSetupLink, readSetupLinks } from "../../src/flows/admin/setup-links.ts";
import { setClientStatus, setClientsStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import { sha256 } from "../../src/lib/hash.ts";
import type { Actor } from "../../src/store/actor.ts";
import { textArray } from "../../src/store/sql.ts";
import { PASSWORD, startGatehouse } from "../support/gatehouse.ts";
import {
  authorizationRequest,
  basic,
  grantTokens,
  isActive,
  MACHINE_METADATA,
  postForm,
  postJson,
  REDIRECT_URI,
  registerClient,
  type TestClient,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ vars: { REGISTRATION_POLICY: "open" } });
const { issuer, owner: operator } = gatehouse;

async function addOwner() {
  const person = await gatehouse.addPerson();
  await operator.db.run(sql`update users set role = 'owner' where id = ${person.id}`);
  return person;
}
const owner = await addOwner();
const browser = await gatehouse.signedInBrowser(owner);
const member = await gatehouse.addPerson();
const memberBrowser = await gatehouse.signedInBrowser(member);

const text = (page: Page) => page.html.textContent.replaceAll(/\s+/g, " ");

const clientPage = ({ client_id: id }: TestClient) => `${issuer}/admin/clients/one?${new URLSearchParams({ id })}`;

/** Every form of the dashboard, with fields that would work. */
const ACTIONS: readonly (readonly [string, Record<string, string>])[] = [
  ["/admin/resources", { uri: "https://new.example", name: "New" }],
  [
    `/admin/resources/${gatehouse.resource.id}`,
    { name: "Taken over", scope_name: "mcp:tools", scope_description: "x" },
  ],
  [`/admin/resources/${gatehouse.resource.id}/rotate`, {}],
  [`/admin/resources/${gatehouse.resource.id}/delete`, {}],
  ["/admin/clients", { id: (await registerClient(gatehouse)).client_id, change: "approve" }],
  ["/admin/clients/several", { id: (await registerClient(gatehouse)).client_id, change: "delete" }],
  ["/admin/people/invite", { email: "new@example.com", role: "owner" }],
  ["/admin/people/reset", { email: owner.email }],
  ["/admin/people/revoke-link", { link: crypto.randomUUID() }],
  ["/admin/people/disable", { email: owner.email }],
  ["/admin/people/enable", { email: owner.email }],
  ["/admin/people/delete", { email: owner.email }],
  ["/admin/registration", { label: "x" }],
  ["/admin/registration/revoke", { token: crypto.randomUUID() }],
];
const PAGES = [
  "/admin",
  "/admin/resources",
  `/admin/resources/${gatehouse.resource.id}`,
  "/admin/clients",
  "/admin/clients/one?id=x",
  "/admin/people",
  "/admin/people/one?email=x",
  "/admin/registration",
  "/admin/audit",
  "/admin/audit.ndjson",
  "/admin/audit.csv",
];

/** Sends a form with this browser's cookies and a CSRF token of its own. */
async function send(by: HeadlessBrowser, path: string, fields: Record<string, string>, csrfPage = "/account") {
  const page = await by.open(issuer + csrfPage);
  const csrf = page.html.querySelector('[name="csrf"]')?.getAttribute("value") ?? "";
  const cookie = [...by.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return postForm(issuer + path, { csrf, ...fields }, { Cookie: cookie });
}

/** What a change would show in. */
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

describe("who may manage the server", () => {
  test("a member reaches no page and no form of it, and changes nothing", async () => {
    const before = await state();
    for (const path of PAGES) expect((await memberBrowser.open(issuer + path)).status).toBe(403);
    for (const [path, fields] of ACTIONS) expect((await send(memberBrowser, path, fields)).status).toBe(403);
    expect(await state()).toEqual(before);
  });

  test("a stranger is sent to sign in, and changes nothing", async () => {
    const before = await state();
    for (const path of PAGES) expect((await createHeadlessBrowser().open(issuer + path)).url.pathname).toBe("/login");
    for (const [path, fields] of ACTIONS) {
      const answer = await send(createHeadlessBrowser(), path, fields, "/login");
      expect([answer.status, answer.headers.get("Location")?.startsWith(`${issuer}/login`)]).toEqual([303, true]);
    }
    expect(await state()).toEqual(before);
  });

  test("A8 no form is taken without this session's CSRF token", async () => {
    const before = await state();
    for (const [path, fields] of ACTIONS) {
      expect((await send(browser, path, { ...fields, csrf: "" })).status).toBe(403);
      expect((await send(browser, path, { ...fields, csrf: "x".repeat(43) })).status).toBe(403);
    }
    expect(await state()).toEqual(before);
  });

  test("the statement asks again: an owner who has just become a member, or signed out, changes nothing", async () => {
    const person = await addOwner();
    const session = await gatehouse.signedInBrowser(person);
    const digest = await sha256(session.cookies.get("gatehouse_session") ?? "");
    const client = await registerClient(gatehouse);
    const authority = { digest, idleSeconds: 3600, role: "owner", signedInSince: null } as const;
    const act = () =>
      setClientStatus({ ...operator, actor: { ...operator.actor, authority } }, client.client_id, "approve");
    await operator.db.run(sql`update users set role = 'member' where id = ${person.id}`);
    expect(await act()).toHaveProperty("problem");
    await operator.db.run(sql`update users set role = 'owner' where id = ${person.id}`);
    expect(await act()).toEqual({ done: true });
    await operator.db.run(sql`delete from sessions where user_id = ${person.id}`);
    expect(await act()).toHaveProperty("problem");
  });

  test("so does every other: with a session that is no owner's, or with nobody's leave, nothing is done", async () => {
    const client = await registerClient(gatehouse);
    const link = await createSetupLink(operator, issuer, { kind: "invitation", role: "member", email: null });
    const token = await createInitialAccessToken(operator, { label: "x", resource: null, uses: null, days: null });
    if ("problem" in link || "problem" in token) throw new Error("could not begin");
    const [waiting] = await readSetupLinks(operator);
    const digest = await sha256(memberBrowser.cookies.get("gatehouse_session") ?? "");
    const asMember = { digest, idleSeconds: 3600, role: "owner", signedInSince: null } as const;
    const scopes = [{ name: "all", description: "All", implies: [], isDefault: true }];
    const before = await state();
    for (const authority of [asMember, "nobody"] as const) {
      const deps = { ...operator, actor: { ...operator.actor, authority } };
      const { id, uri } = gatehouse.resource;
      const outcomes = await Promise.all([
        addResource(deps, { uri: "https://x.example", name: "x", scopes: [], isDefault: true }),
        changeResource(deps, id, { name: "x", scopes, isDefault: false, maxFamilySeconds: null, accessSeconds: null }),
        applyResource(deps, JSON.stringify({ resource: uri, name: "x", scopes: [{ name: "a", description: "A" }] }), {
          uri: null,
          isDefault: true,
        }),
        rotateResourceCredential(deps, uri),
        removeResource(deps, id),
        createClient(deps, MACHINE_METADATA, [], uri),
        ...(["approve", "block", "unblock", "delete"] as const).map((action) =>
          setClientStatus(deps, client.client_id, action),
        ),
        ...(["disable", "enable", "delete"] as const).map((action) => setUserStatus(deps, owner.email, action)),
        createUser(deps, { email: "x@example.com", password: PASSWORD, role: "owner" }),
        createSetupLink(deps, issuer, { kind: "invitation", role: "owner", email: null }),
        createSetupLink(deps, issuer, { kind: "reset", email: owner.email }),
        createInitialAccessToken(deps, { label: "x", resource: null, uses: null, days: null }),
        createInitialAccessToken(deps, { label: "x", resource: uri, uses: null, days: null }),
        endInitialAccessToken(deps, token.id),
      ]);
      for (const outcome of outcomes) expect(outcome).toHaveProperty("problem");
      for (const change of ["block", "delete"] as const)
        expect(await setClientsStatus(deps, [client.client_id], change)).toBe(0);
      expect(await endSetupLink(deps, waiting?.id ?? "")).toBe(false);
      expect(await revokeGrants(deps, { kind: "all" })).toEqual({ revoked: 0 });
    }
    expect(await state()).toEqual(before);
    expect((await browser.open(`${issuer}/admin`)).status).toBe(200);
  });

  test("reads ask as well: with a session that is no owner's, every list is empty", async () => {
    const digest = await sha256(memberBrowser.cookies.get("gatehouse_session") ?? "");
    const asMember = { digest, idleSeconds: 3600, role: "owner", signedInSince: null } as const;
    const events = { name: null, email: null, clientId: null, days: null, before: null, limit: 10 };
    const client = await registerClient(gatehouse);
    await createSetupLink(operator, issuer, { kind: "invitation", role: "member", email: null });
    await createInitialAccessToken(operator, { label: "x", resource: null, uses: null, days: null });
    const readAll = async (actor: Actor) => {
      const deps = { ...operator, actor };
      const listed = await listAuditEvents(deps, events);
      const activity = await readActivity(deps);
      return [
        (await readClients(deps, null, null)).items.length,
        (await readClients(deps, client.client_id, null)).items.length,
        (await findClient(deps, client.client_id)) === null ? 0 : 1,
        (await readUsers(deps, owner.email, null)).items.length,
        (await readResources(deps, null, null)).items.length,
        (await readResource(deps, gatehouse.resource.id)) === null ? 0 : 1,
        (await readSetupLinks(deps)).length,
        (await readInitialAccessTokens(deps)).items.length,
        "problem" in listed ? 0 : listed.events.length,
        activity.signIns.reduce((sum, count) => sum + count, 0),
      ];
    };
    for (const count of await readAll(operator.actor)) expect(count).toBeGreaterThan(0);
    const nothing = Array.from({ length: 10 }, () => 0);
    for (const authority of [asMember, "nobody"] as const) {
      expect(await readAll({ ...operator.actor, authority })).toEqual(nothing);
    }
  });

  test("what nobody may do takes an authority", async () => {
    expect(
      await setUserStatus({ ...operator, actor: { ...operator.actor, authority: "nobody" } }, member.email, "disable"),
    ).toHaveProperty("problem");
  });
});

describe("servers", () => {
  test("one is added, its credential is shown once, and both live while it is rotated", async () => {
    const page = await browser.open(`${issuer}/admin/resources`);
    const added = await browser.submit(page, "/admin/resources", { uri: "https://mcp.example/mcp", name: "Mine" });
    const read = (from: Page) => {
      const [id = "", secret = ""] = from.html
        .querySelectorAll(".secret code")
        .map((code) => code.textContent.split("=")[1]);
      return { id, secret };
    };
    const first = read(added);
    const again = await browser.open(`${issuer}/admin/resources/${first.id}`);
    expect(again.html.querySelector(".secret")).toBeNull();
    const second = read(await browser.submit(again, `/admin/resources/${first.id}/rotate`, {}));
    const third = read(await browser.submit(again, `/admin/resources/${first.id}/rotate`, {}));
    const statuses = await Promise.all(
      [first, second, third].map(
        async ({ id, secret }) => (await postForm(`${issuer}/introspect`, { token: "x" }, basic(id, secret))).status,
      ),
    );
    expect(statuses).toEqual([401, 200, 200]);
    const twice = await browser.submit(page, "/admin/resources", { uri: "https://mcp.example/mcp/", name: "Again" });
    expect([twice.status, text(twice).includes("A server with this URL already exists.")]).toEqual([400, true]);
  });

  test("its scopes and what is asked for by default can be changed, and the next consent shows it", async () => {
    const { id } = gatehouse.resource;
    const page = await browser.open(`${issuer}/admin/resources/${id}`);
    const scopes = {
      scope_name: ["mcp:tools", "", "admin"],
      scope_description: ["Look at the sky", "", "Everything"],
      scope_implies: ["", "", "mcp:tools"],
      scope_default: ["0"],
    };
    const saved = await browser.submit(page, `/admin/resources/${id}`, {
      name: "Weather & more",
      max_days: "7",
      default: "on",
      ...scopes,
    });
    expect(text(saved)).toContain("Saved.");
    const names = (of: Page) =>
      of.html.querySelectorAll('[name="scope_name"]').map((input) => input.getAttribute("value") ?? "");
    expect(names(saved)).toEqual(["mcp:tools", "admin"]);
    const longer = await browser.submit(saved, `/admin/resources/${id}`, { add_scope: "1", name: "Typed" });
    expect([names(longer), longer.html.querySelector("#name")?.getAttribute("value")]).toEqual([
      ["mcp:tools", "admin", ""],
      "Typed",
    ]);
    const shorter = await browser.submit(saved, `/admin/resources/${id}`, {
      remove_scope: "0",
      scope_default: ["0", "1"],
    });
    expect([names(shorter), shorter.html.querySelectorAll("[name=scope_default][checked]")]).toHaveLength(2);
    expect(names(shorter)).toEqual(["admin"]);
    expect(names(await browser.open(`${issuer}/admin/resources/${id}`))).toEqual(["mcp:tools", "admin"]);
    const client = await registerClient(gatehouse);
    const consent = await memberBrowser.open((await authorizationRequest(gatehouse, client)).url);
    expect(consent.html.querySelectorAll('[name="scope"]').map((box) => box.getAttribute("value"))).toEqual([
      "mcp:tools",
    ]);
    expect(text(consent)).toContain("Look at the sky");
    expect(text(consent)).toContain("7 days");
    for (const bad of [
      { scope_name: ["", "", ""] },
      { scope_implies: ["nothing", "", ""] },
      { scope_name: ["mcp:tools", "mcp:tools", ""] },
      { scope_name: ["mcp:tools", 'a"b', ""] },
      { scope_name: Array.from({ length: 101 }, (_, row) => `s${row}`) },
      { max_days: "x" },
      { max_days: "-1" },
      { max_days: "99999" },
      { name: " " },
    ]) {
      const refused = await browser.submit(saved, `/admin/resources/${id}`, { name: "X", ...scopes, ...bad });
      expect([bad, refused.status]).toEqual([bad, 400]);
      expect(refused.html.querySelector('[name="scope_description"]')?.getAttribute("value")).toBe("Look at the sky");
    }
  });

  test("a form that won't do is shown again with what was typed, and says which field it is about", async () => {
    const page = await browser.open(`${issuer}/admin/registration`);
    const typed = { label: "Team", uses: "none", resource: "https://mcp.example" };
    const refused = await browser.submit(page, "/admin/registration", typed);
    const field = (name: string) => refused.html.querySelector(`[name="${name}"]`);
    expect(refused.status).toBe(400);
    expect(refused.html.querySelector("#problem")?.textContent).toContain("a whole number from 1");
    expect([field("uses")?.getAttribute("aria-invalid"), field("label")?.getAttribute("aria-invalid")]).toEqual([
      "true",
      undefined,
    ]);
    expect(Object.keys(typed).map((name) => field(name)?.getAttribute("value"))).toEqual(Object.values(typed));
    expect(refused.html.querySelector('form[action$="/admin/registration#problem"]')).not.toBeNull();
  });

  test.each(["nope", "%00", "..%2f", "%ff"])("there is no server %s", async (id) => {
    expect((await browser.open(`${issuer}/admin/resources/${id}`)).status).toBe(404);
  });
});

describe("apps", () => {
  test("one is found by a part of its name or the start of its id", async () => {
    const client = await registerClient(gatehouse, { client_name: "Needle in 100% hay_stack" });
    for (const search of ["needle", "100% HAY_", client.client_id.slice(0, 15)]) {
      const page = await browser.open(`${issuer}/admin/clients?${new URLSearchParams({ search })}`);
      expect(page.html.querySelectorAll("tbody tr").length).toBe(1);
      expect(text(page)).toContain("Needle in 100% hay_stack");
    }
    expect(text(await browser.open(`${issuer}/admin/clients?search=nothing_like_that`))).toContain("No app matches");
  });

  test("one is approved, blocked, let in again and deleted", async () => {
    const client = await registerClient(gatehouse);
    const tokens = await grantTokens(gatehouse, memberBrowser, client);
    const url = `${issuer}/admin/clients/one?${new URLSearchParams({ id: client.client_id })}`;
    const page = await browser.open(url);
    expect(text(page)).toContain("1 live connection");
    const act = (change: string) => browser.submit(page, "/admin/clients", { change });
    expect(text(await act("approve"))).toContain("approved by the people");
    expect(text(await act("block"))).toContain("No live connections");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(text(await act("unblock"))).toContain("It can ask for access again");
    expect((await act("delete")).url.pathname).toBe("/admin/clients");
    expect((await browser.open(url)).status).toBe(404);
    expect((await act("approve")).status).toBe(400);
    expect((await act("explode")).status).toBe(400);
  });

  test("the list goes on by cursor, each client once, at a hundred thousand too", async () => {
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

describe("people", () => {
  test("a member is invited by a link that is shown once, and sets the account up", async () => {
    const page = await browser.open(`${issuer}/admin/people`);
    const made = await browser.submit(page, "/admin/people/invite", { email: "Guest@Example.com", role: "member" });
    const link = made.html.querySelector(".secret code")?.textContent ?? "";
    expect(text(await browser.open(`${issuer}/admin/people`))).not.toContain(link);
    const guest = createHeadlessBrowser();
    const setup = await guest.submit(await guest.open(link), "/setup", { code: new URL(link).hash.slice(1) });
    expect((await guest.submit(setup, "/setup/password", { password: PASSWORD })).url.pathname).toBe(
      "/account/security",
    );
    expect((await guest.open(`${issuer}/admin`)).status).toBe(403);
    expect((await browser.submit(page, "/admin/people/invite", { email: "no address" })).status).toBe(400);
  });

  test("a link that waits can be made void", async () => {
    const page = await browser.open(`${issuer}/admin/people`);
    const made = await browser.submit(page, "/admin/people/invite", { email: "late@example.com", role: "owner" });
    const code = new URL(made.html.querySelector(".secret code")?.textContent ?? "").hash.slice(1);
    await browser.submit(made, "/admin/people/revoke-link", {});
    const guest = createHeadlessBrowser();
    expect((await guest.submit(await guest.open(`${issuer}/setup`), "/setup", { code })).status).toBe(400);
  });

  test("one is disabled, enabled, given new credentials and deleted; and nobody does it to themself", async () => {
    const person = await gatehouse.addPerson();
    const theirs = await gatehouse.signedInBrowser(person);
    const tokens = await grantTokens(gatehouse, theirs, await registerClient(gatehouse));
    const { email } = person;
    expect((await send(browser, "/admin/people/disable", { email })).status).toBe(303);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect((await theirs.open(`${issuer}/account`)).url.pathname).toBe("/login");
    expect((await send(browser, "/admin/people/enable", { email })).status).toBe(303);
    expect((await send(browser, "/admin/people/reset", { email })).status).toBe(200);
    expect((await send(browser, "/admin/people/delete", { email })).status).toBe(303);
    expect((await send(browser, "/admin/people/reset", { email })).status).toBe(400);
    for (const what of ["disable", "delete"])
      expect((await send(browser, `/admin/people/${what}`, { email: owner.email })).status).toBe(400);
    expect((await browser.open(`${issuer}/admin`)).status).toBe(200);
  });
});

describe("registration", () => {
  test("R6 an initial access token is made, shown once, admits as many as it says, and is revoked", async () => {
    const page = await browser.open(`${issuer}/admin/registration`);
    const made = await browser.submit(page, "/admin/registration", { label: "Team", uses: "1", days: "1" });
    const token = made.html.querySelector(".secret code")?.textContent ?? "";
    const register = () =>
      postJson(`${issuer}/register`, { redirect_uris: [REDIRECT_URI] }, { Authorization: `Bearer ${token}` });
    expect([(await register()).status, (await register()).status]).toEqual([201, 401]);
    expect(text(await browser.submit(made, "/admin/registration/revoke", {}))).toContain("Revoked");
    const bad = await browser.submit(page, "/admin/registration", { label: "x", resource: "https://nowhere.example" });
    expect(bad.status).toBe(400);
  });
});

describe("the audit log", () => {
  test("it says who did what, filtered, by pages, and as NDJSON", async () => {
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

  test("what an owner does says which owner", async () => {
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
    "a filter like %s is no fault",
    async (query) => {
      for (const path of ["/admin/audit", "/admin/audit.ndjson", "/admin/audit.csv"])
        expect((await browser.open(issuer + path + query)).status).toBeLessThan(500);
    },
  );
});

test("the overview counts what happened by day", async () => {
  const page = await browser.open(`${issuer}/admin`);
  const [signIns = ""] = page.html.querySelectorAll("svg[aria-label]").map((svg) => svg.getAttribute("aria-label"));
  expect(signIns).toMatch(/^Sign-ins a day: (0, ){13}[1-9]\d*$/);
  const longer = await browser.open(`${issuer}/admin?range=30`);
  const [labelled = ""] = longer.html.querySelectorAll("svg[aria-label]").map((svg) => svg.getAttribute("aria-label"));
  expect(labelled).toMatch(/^Sign-ins a day: (0, ){29}[1-9]\d*$/);
  expect((await browser.open(`${issuer}/admin?range=nonsense`)).status).toBe(200);
});

test.each(["UTC", "Asia/Kolkata", "America/Los_Angeles"])(
  "the overview counts by the days of people in %s, whether events come alone or many at once",
  async (zone) => {
    const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;
    const count = async () => (await readActivity(operator, 5, zone)).wrongPasswords;
    const before = await count();
    const { days } = await readActivity(operator, 5, zone);
    const expected = before.slice();
    // Around midnight of UTC, of Kolkata and of Los Angeles.
    const times = [-15, 15, 18 * 60 + 15, 18 * 60 + 45, 7 * 60, 9 * 60].map(
      (minutes) => new Date(midnight + minutes * 60_000),
    );
    for (const at of times) {
      const day = days.findLastIndex((start) => start <= at);
      expected[day] = (expected[day] ?? 0) + 3;
    }
    for (const at of times)
      await operator.db.run(
        sql`insert into audit_events (at, name) values (${at.toISOString()}::timestamptz, 'account_locked')`,
      );
    await operator.db.run(sql`
      insert into audit_events (at, name) select at::timestamptz, 'account_locked'
      from unnest(${textArray(times.map((at) => at.toISOString()))}) at, generate_series(1, 2)`);
    expect(await count()).toEqual(expected);
  },
);

test("the overview says whether all is well, and what to do first", async () => {
  await grantTokens(gatehouse, memberBrowser, await registerClient(gatehouse));
  const page = text(await browser.open(`${issuer}/admin`));
  expect(page).toMatch(/The database is working\. ?Redis is working\./);
  expect(page).toMatch(/\d+ apps? in use that you haven’t reviewed/);
  expect(page).toContain("Add a server Done");
  expect(page).toContain("Create recovery codes, so that you can always get back in");
});

describe("an owner's browser that was left open", () => {
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

  test("nor do the statements, whatever the page let pass", async () => {
    const left = await gatehouse.signedInBrowser(owner);
    const digest = await sha256(left.cookies.get("gatehouse_session") ?? "");
    const authority = { digest, idleSeconds: 3600, role: "owner", signedInSince: new Date(Date.now() + 1000) } as const;
    const stale = { ...operator, actor: { ...operator.actor, authority } };
    const purpose = { kind: "reset", email: owner.email } as const;
    expect(await createSetupLink(stale, issuer, purpose)).toHaveProperty("problem");
    expect(await rotateResourceCredential(stale, gatehouse.resource.uri)).toHaveProperty("problem");
  });
});

test("an approval is of the app that was shown, and not of what it has become", async () => {
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
