import { sql } from "drizzle-orm";
import { expect } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { removeProvider } from "../../src/flows/admin/providers.ts";
import { createSetupLink, endSetupLink, readSetupLinks } from "../../src/flows/admin/setup-links.ts";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import { createAuthenticator, createPasskey } from "./authenticator.ts";
import { type Gatehouse, type OwnGatehouse, PASSWORD } from "./gatehouse.ts";
import { addIssuesServer, answerThere, exchange, grantLinked } from "./linked.ts";
import {
  basic,
  createMachine,
  grantTokens,
  introspect,
  postForm,
  postJson,
  refresh,
  registerClient,
} from "./oauth-client.ts";
import { addGitHub, addOpenid } from "./providers.ts";

/** What is written down after the answer is there by now. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

/** Registers while there is no room among the unused clients. */
export async function registerOneTooMany({ issuer, owner }: Gatehouse): Promise<void> {
  await owner.db.run(sql`
    insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods, fingerprint)
    select 'crowd_' || n, 'dynamic', 'Crowd', '{}', '{}', 'web', '{none}', '' from generate_series(1, 1000) n`);
  await owner.db.run(sql`insert into unused_clients (client_id) select id from clients where id like 'crowd%'`);
  expect((await postJson(`${issuer}/register`, { redirect_uris: ["https://a.example/cb"] })).status).toBe(503);
  await settled();
  await owner.db.run(sql`delete from clients where id like 'crowd%'`);
}

/** A tool call, as its server reports it. */
export async function callTool(gatehouse: Gatehouse, token: string): Promise<void> {
  const { jti } = (await (await introspect(gatehouse, token)).json()) as { jti: string };
  const calls = [{ tool: "x", token_id: jti, outcome: "ok", duration_ms: 1, address: null }];
  const { id, secret } = gatehouse.resource;
  await postJson(`${gatehouse.issuer}/tool-calls`, { calls }, basic(id, secret));
}

/** What a person does on their own pages, and what an owner does to them. */
export async function liveAsAPerson(gatehouse: Gatehouse): Promise<void> {
  const { issuer, owner } = gatehouse;
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
export async function liveAsAMachine(gatehouse: Gatehouse): Promise<void> {
  const { issuer } = gatehouse;
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
export async function liveWithProviders(gatehouse: OwnGatehouse): Promise<void> {
  const { issuer, owner } = gatehouse;
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
  for (const end of ["servers", "unlink"]) {
    const action = linked.html.querySelector(`form[action$=${end}]`)?.getAttribute("action") ?? "";
    await browser.submit(linked, new URL(action, issuer).pathname, { resource: [] });
  }
  await removeProvider(owner, "github", 0);
  await signInElsewhere(gatehouse);
}

async function signInElsewhere(gatehouse: Gatehouse): Promise<void> {
  const { issuer } = gatehouse;
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
