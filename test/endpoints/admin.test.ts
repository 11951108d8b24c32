import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { createUser } from "../../src/flows/admin/create-user.ts";
import { createInitialAccessToken, endInitialAccessToken } from "../../src/flows/admin/initial-access-tokens.ts";
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
import { PASSWORD } from "../support/gatehouse.ts";
import { readManagedState } from "../support/managed-state.ts";
import { MACHINE_METADATA, registerClient } from "../support/oauth-client.ts";
import { sendForm } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, owner, browser } = await ownerScene();
const member = await gatehouse.addPerson();
const memberBrowser = await gatehouse.signedInBrowser(member);

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
  ["/admin/clients/question", { id: (await registerClient(gatehouse)).client_id, change: "delete" }],
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

/** Everything in which a change would show. */
const state = () => readManagedState(operator.db);

describe("who can manage the server", () => {
  test("a member can open no page of the dashboard, send no form, and change nothing", async () => {
    const before = await state();
    for (const path of PAGES) expect((await memberBrowser.open(issuer + path)).status).toBe(403);
    for (const [path, fields] of ACTIONS)
      expect((await sendForm(memberBrowser, issuer + path, fields)).status).toBe(403);
    expect(await state()).toEqual(before);
  });

  test("a stranger is sent to the sign-in, and can change nothing", async () => {
    const before = await state();
    for (const path of PAGES) expect((await createHeadlessBrowser().open(issuer + path)).url.pathname).toBe("/login");
    for (const [path, fields] of ACTIONS) {
      const answer = await sendForm(createHeadlessBrowser(), issuer + path, fields, "/login");
      expect([answer.status, answer.headers.get("Location")?.startsWith(`${issuer}/login`)]).toEqual([303, true]);
    }
    expect(await state()).toEqual(before);
  });

  test("A8 no form is accepted without this session's CSRF token", async () => {
    const before = await state();
    for (const [path, fields] of ACTIONS) {
      expect((await sendForm(browser, issuer + path, { ...fields, csrf: "" })).status).toBe(403);
      expect((await sendForm(browser, issuer + path, { ...fields, csrf: "x".repeat(43) })).status).toBe(403);
    }
    expect(await state()).toEqual(before);
  });

  test("an owner who has just become a member, or has signed out, changes nothing, because the statement checks again", async () => {
    const person = await gatehouse.addOwner();
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

  test("every other statement of an owner checks again too, and does nothing without an owner's session", async () => {
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

  test("every act that needs a right fails without one", async () => {
    expect(
      await setUserStatus({ ...operator, actor: { ...operator.actor, authority: "nobody" } }, member.email, "disable"),
    ).toHaveProperty("problem");
  });
});
