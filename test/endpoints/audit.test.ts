import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { answerConsent } from "../../src/dev/person.ts";
import { createInitialAccessToken, endInitialAccessToken } from "../../src/flows/admin/initial-access-tokens.ts";
import { listAuditEvents } from "../../src/flows/admin/list-audit-events.ts";
import { setRole } from "../../src/flows/admin/person.ts";
import { removeProvider } from "../../src/flows/admin/providers.ts";
import {
  addResource,
  changeResource,
  removeResource,
  rotateResourceCredential,
} from "../../src/flows/admin/resources.ts";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { createSetupLink, endSetupLink, readSetupLinks } from "../../src/flows/admin/setup-links.ts";
import { setClientStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import { mintToken } from "../../src/lib/token.ts";
import { AUDIT_EVENTS } from "../../src/store/audit-events.ts";
import { createAuthenticator, createPasskey } from "../support/authenticator.ts";
import { PASSWORD, startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerThere, exchange, grantLinked } from "../support/linked.ts";
import {
  authorizationRequest,
  basic,
  createMachine,
  grantCode,
  grantTokens,
  introspect,
  isActive,
  postForm,
  postJson,
  redeem,
  refresh,
  registerClient,
  revoke,
} from "../support/oauth-client.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";
import { letInAndOut } from "../support/restricted-server.ts";

const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;

async function events(filter: { email?: string; clientId?: string; name?: string } = {}) {
  const query = {
    name: filter.name ?? null,
    email: filter.email ?? null,
    clientId: filter.clientId ?? null,
    days: null,
    before: null,
    limit: 1000,
  };
  const listed = await listAuditEvents(owner, query);
  if ("problem" in listed) throw new Error(listed.problem);
  return listed.events;
}
const names = async (filter: Parameters<typeof events>[0]) => (await events(filter)).map(({ name }) => name).reverse();
const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

/** Registers while there is no room among the unused clients. */
async function registerOneTooMany(): Promise<void> {
  await owner.db.run(sql`
    insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods, fingerprint)
    select 'crowd_' || n, 'dynamic', 'Crowd', '{}', '{}', 'web', '{none}', '' from generate_series(1, 1000) n`);
  await owner.db.run(sql`insert into unused_clients (client_id) select id from clients where id like 'crowd%'`);
  expect((await postJson(`${issuer}/register`, { redirect_uris: ["https://a.example/cb"] })).status).toBe(503);
  await settled();
  await owner.db.run(sql`delete from clients where id like 'crowd%'`);
}

/** A tool call, as its server reports it. */
async function callTool(token: string): Promise<void> {
  const { jti } = (await (await introspect(gatehouse, token)).json()) as { jti: string };
  const calls = [{ tool: "x", token_id: jti, outcome: "ok", duration_ms: 1, address: null }];
  const { id, secret } = gatehouse.resource;
  await postJson(`${issuer}/tool-calls`, { calls }, basic(id, secret));
}

/** What a person does on their own pages, and what an owner does to them. */
async function liveAsAPerson(): Promise<void> {
  const email = "guest@example.com";
  for (const purpose of [{ kind: "invitation", role: "member", email } as const, { kind: "reset", email } as const]) {
    const link = await createSetupLink(owner, issuer, purpose);
    if ("problem" in link) throw new Error(link.problem);
    const browser = createHeadlessBrowser();
    const code = new URL(link.url).hash.slice(1);
    const page = await browser.submit(await browser.open(`${issuer}/setup`), "/setup", { code });
    await browser.submit(page, "/setup/password", { password: PASSWORD });
  }
  await createSetupLink(owner, issuer, { kind: "invitation", role: "member", email: null });
  for (const { id } of await readSetupLinks(owner)) await endSetupLink(owner, id);
  const browser = await gatehouse.signedInBrowser({ email });
  await grantTokens(gatehouse, browser, await registerClient(gatehouse));
  const apps = await browser.open(`${issuer}/account`);
  const { pathname } = new URL(apps.html.querySelector(".cards h3 a")?.getAttribute("href") ?? "");
  const connection = await browser.open(issuer + pathname);
  await browser.submit(connection, `${pathname}/rename`, { name: "Mine" });
  const narrowed = await browser.submit(connection, `${pathname}/narrow`, { scope: ["mcp:tools"] });
  await browser.submit(narrowed, `${pathname}/undo`, {});
  await browser.submit(narrowed, `${pathname}/narrow`, { scope: ["mcp:tools"] });
  await browser.submit(narrowed, `${pathname}/add`, { scope: ["mcp:prompts"] });
  const security = await browser.open(`${issuer}/account/security`);
  const authenticator = createAuthenticator();
  await createPasskey(browser, security, "/account/passkeys", authenticator);
  const withPasskey = await browser.open(`${issuer}/account/security`);
  const renamed = { passkey: authenticator.credentialId, name: "Mine" };
  await browser.submit(withPasskey, "/account/passkeys/rename", renamed);
  await browser.submit(withPasskey, "/account/passkeys/remove", { passkey: authenticator.credentialId });
  await browser.submit(security, "/account/password", { password: "Another horse 2" });
  const codes = await browser.submit(security, "/account/recovery-codes", {});
  const code = codes.html.querySelector(".codes code")?.textContent ?? "";
  const other = createHeadlessBrowser();
  await other.submit(await other.open(`${issuer}/login/recovery`), "/login/recovery", { code });
  await setUserStatus(owner, email, "delete");
}

/** What programs without a browser do. */
async function liveAsAMachine(): Promise<void> {
  const { id, secret } = await createMachine(gatehouse);
  const credentials = basic(id, secret);
  await postForm(`${issuer}/token`, { grant_type: "client_credentials" }, credentials);
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  const { client_id } = await registerClient(gatehouse, { grant_types: [grant_type] });
  const begun = await postForm(`${issuer}/device_authorization`, { client_id });
  const { device_code, user_code } = (await begun.json()) as { device_code: string; user_code: string };
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const page = await browser.submit(await browser.open(`${issuer}/device`), "/device", { user_code });
  await browser.submit(page, "/device/decide", { decision: "allow" });
  await postForm(`${issuer}/token`, { grant_type, device_code, client_id });
  const form = await browser.open(`${issuer}/device`);
  for (let n = 0; n < 10; n++) await browser.submit(form, "/device", { user_code: "BBBB-BBBB" });
}

/** What owner and people do with providers. */
async function liveWithProviders(): Promise<void> {
  const github = await addGitHub(gatehouse, { rotating: true });
  const server = await addIssuesServer(gatehouse, "github");
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const { client, tokens } = await grantLinked(gatehouse, browser, server, { login: "octocat" });
  await exchange(gatehouse, server, tokens.access_token, "github");
  await gatehouse.moveClock(8 * 3600 - 30);
  github.controls.fault = () => ({ status: 200, body: JSON.stringify({ error: "bad_refresh_token" }) });
  const later = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as { access_token: string };
  await exchange(gatehouse, server, later.access_token, "github");
  await gatehouse.moveClock(0);
  const linked = await browser.open(`${issuer}/account/linked`);
  for (const end of ["disallow", "unlink"]) {
    const action = linked.html.querySelector(`form[action$=${end}]`)?.getAttribute("action") ?? "";
    await browser.submit(linked, new URL(action, issuer).pathname, {});
  }
  await removeProvider(owner, "github", 0);
  await signInElsewhere();
}

async function signInElsewhere(): Promise<void> {
  await addOpenid(gatehouse, { signsIn: true });
  const stranger = createHeadlessBrowser();
  const there = await stranger.submit(await stranger.open(`${issuer}/login`), "/login/provider/openid", {});
  await stranger.open(await answerThere(stranger, there.left, "stranger"));
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const security = await browser.open(`${issuer}/account/security`);
  const sent = await browser.submit(security, "/account/identities/openid", {});
  const added = await browser.open(await answerThere(browser, sent.left, "known"));
  const removal = added.html.querySelector("form[action$=remove]")?.getAttribute("action") ?? "";
  await browser.submit(added, new URL(removal).pathname, {});
}

describe("audit", () => {
  test("every event happens, each with the change it records", async () => {
    const person = await gatehouse.addPerson();
    const { email } = person;
    const browser = await gatehouse.signedInBrowser(person);
    const client = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_post" });
    const tokens = await grantTokens(gatehouse, browser, client);
    expect(await names({ clientId: client.client_id })).toEqual([
      "client_registered",
      "authorization_granted",
      "code_redeemed",
    ]);
    const [redeemed] = await events({ name: "code_redeemed", email });
    expect(redeemed).toMatchObject({
      userId: person.id,
      resourceId: gatehouse.resource.id,
      familyId: expect.any(String),
      address: "127.0.0.1",
    });

    await refresh(gatehouse, client, tokens.refresh_token);
    await refresh(gatehouse, client, tokens.refresh_token);
    await postForm(
      `${issuer}/token`,
      {
        grant_type: "refresh_token",
        refresh_token: tokens.refresh_token,
        client_id: client.client_id,
        client_secret: client.client_secret ?? "",
      },
      { "User-Agent": "other" },
    );
    await gatehouse.moveClock(3000);
    await refresh(gatehouse, client, tokens.refresh_token);
    await gatehouse.moveClock(0);
    await revoke(gatehouse, client, tokens.access_token);
    const grant = await grantCode(gatehouse, browser, client);
    const again = (await (await redeem(gatehouse, client, grant)).json()) as { access_token: string };
    await redeem(gatehouse, { ...client, client_secret: await mintToken(owner.keys, "gths") }, grant);
    await redeem(gatehouse, client, grant);
    const other = await addResource(owner, { uri: "https://other.example", name: "", scopes: [], isDefault: false });
    if ("problem" in other) throw new Error(other.problem);
    const foreign = await grantTokens(gatehouse, browser, client);
    await postForm(`${issuer}/introspect`, { token: foreign.access_token }, basic(other.id, other.secret));
    await rotateResourceCredential(owner, other.uri);
    const scopes = [{ name: "all", description: "All of it", implies: [], isDefault: true }];
    await changeResource(owner, other.id, {
      name: "Other",
      isDefault: false,
      maxFamilySeconds: null,
      accessSeconds: null,
      scopes,
    });
    const brief = await addResource(owner, { uri: "https://brief.example", name: "", scopes: [], isDefault: false });
    if ("id" in brief) await removeResource(owner, brief.id);
    await callTool(foreign.access_token);
    const initial = await createInitialAccessToken(owner, { label: "x", resource: null, uses: null, days: null });
    if ("problem" in initial) throw new Error(initial.problem);
    await endInitialAccessToken(owner, initial.id);
    const page = await browser.open((await authorizationRequest(gatehouse, client)).url);
    await answerConsent(browser, page, { decision: "deny" });
    await fetch(String(client["registration_client_uri"]), {
      method: "PUT",
      body: JSON.stringify({ client_id: client.client_id, client_name: "New", redirect_uris: client.redirect_uris }),
      headers: { Authorization: `Bearer ${client["registration_access_token"]}`, "Content-Type": "application/json" },
    });
    for (const change of ["approve", "block", "unblock", "delete"] as const)
      await setClientStatus(owner, client.client_id, change);
    await browser.submit(
      await browser.open((await authorizationRequest(gatehouse, await registerClient(gatehouse))).url),
      "/logout",
      {},
    );
    for (let n = 0; n < 5; n++)
      await browser.submit(await browser.open(`${issuer}/login`), "/login", { email, password: "x" });
    for (const change of ["disable", "enable"] as const) await setUserStatus(owner, email, change);
    for (const role of ["owner", "member"] as const) await setRole(owner, email, role);
    await letInAndOut(gatehouse);
    await liveAsAPerson();
    await liveAsAMachine();
    await liveWithProviders();
    await registerOneTooMany();
    await settled();

    expect(await isActive(gatehouse, again.access_token)).toBe(false);
    const happened = new Set((await events()).map(({ name }) => name));
    expect(AUDIT_EVENTS.filter((name) => !happened.has(name))).toEqual([]);
  });

  test("an event of a thing outlives the thing", async () => {
    const client = await registerClient(gatehouse);
    await setClientStatus(owner, client.client_id, "delete");
    expect(await names({ clientId: client.client_id })).toEqual(["client_registered", "client_deleted"]);
  });

  test("a refused request leaves no event of a change", async () => {
    const client = await registerClient(gatehouse);
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const grant = await grantCode(gatehouse, browser, client);
    await redeem(gatehouse, client, grant, { code_verifier: "a".repeat(43) });
    await settled();
    expect(await names({ clientId: client.client_id })).toEqual(["client_registered", "authorization_granted"]);
  });

  test("filters are checked", async () => {
    const bad = await listAuditEvents(owner, {
      name: "nonsense",
      email: null,
      clientId: null,
      days: null,
      before: null,
      limit: 10,
    });
    expect(bad).toHaveProperty("problem");
  });

  test("no secret, token, address of a person or code is in it", async () => {
    const text = JSON.stringify(await events());
    expect(text.match(/gth[a-z]_/g)).toBeNull();
  });
});

describe("break-glass", () => {
  test.each(["all", "user", "client", "resource"] as const)(
    "revoke --%s ends tokens, and codes that wait",
    async (kind) => {
      const person = await gatehouse.addPerson();
      const browser = await gatehouse.signedInBrowser(person);
      const client = await registerClient(gatehouse);
      const tokens = await grantTokens(gatehouse, browser, client);
      const waiting = await grantCode(gatehouse, browser, client);
      const bystander = await registerClient(gatehouse);
      const theirs = await grantTokens(
        gatehouse,
        await gatehouse.signedInBrowser(await gatehouse.addPerson()),
        bystander,
      );
      const target = {
        all: { kind: "all" },
        user: { kind: "user", email: person.email },
        client: { kind: "client", id: client.client_id },
        resource: { kind: "resource", uri: `${gatehouse.resource.uri}/` },
      } as const;
      expect(await revokeGrants(owner, target[kind])).toEqual({ revoked: expect.toSatisfy((n: number) => n >= 1) });
      expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
      expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(400);
      expect((await redeem(gatehouse, client, waiting)).status).toBe(400);
      expect(await isActive(gatehouse, theirs.access_token)).toBe(kind === "user" || kind === "client");
      const { url } = await authorizationRequest(gatehouse, client);
      const signedOut = kind === "all" || kind === "user";
      expect((await browser.open(url)).url.pathname).toBe(signedOut ? "/login" : "/authorize");
    },
  );
});

test("V1 strangers can't write into the audit log by revoking as clients that there aren't", async () => {
  const before = (await events({ name: "client_authentication_failed" })).length;
  const token = await mintToken(owner.keys, "gthr");
  const attempt = (client_id: string, fields = {}) => postForm(`${issuer}/revoke`, { token, client_id, ...fields });
  expect((await attempt("\u001b[2Jnobody".repeat(100))).status).toBe(401);
  expect((await events({ name: "client_authentication_failed" })).length).toBe(before);
  const client = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_post" });
  expect((await attempt(client.client_id, { client_secret: await mintToken(owner.keys, "gths") })).status).toBe(401);
  await settled();
  expect((await events({ name: "client_authentication_failed" })).length).toBe(before + 1);
});
