import { describe, expect, test } from "vitest";
import { answerConsent } from "../../src/dev/person.ts";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { createInitialAccessToken, endInitialAccessToken } from "../../src/flows/admin/initial-access-tokens.ts";
import { setRole } from "../../src/flows/admin/person.ts";
import {
  addResource,
  changeResource,
  removeResource,
  rotateResourceCredential,
} from "../../src/flows/admin/resources.ts";
import { setClientStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import { mintToken } from "../../src/lib/token.ts";
import { REASONS } from "../../src/routes/pages/account/timeline.ts";
import { AUDIT_WORDS } from "../../src/routes/pages/audit-words.ts";
import { AUDIT_EVENTS } from "../../src/store/audit-events.ts";
import {
  callTool,
  liveAsAMachine,
  liveAsAPerson,
  liveWithProviders,
  registerOneTooMany,
  settled,
} from "../support/audited-lives.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { liveWithRules } from "../support/held-app.ts";
import { liveByAnIssuer } from "../support/issuer.ts";
import {
  authorizationRequest,
  basic,
  grantCode,
  grantTokens,
  isActive,
  postForm,
  redeem,
  refresh,
  registerClient,
  revoke,
} from "../support/oauth-client.ts";
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
  const listed = await readAuditEvents(owner, query);
  if ("problem" in listed) throw new Error(listed.problem);
  return listed.events;
}
const names = async (filter: Parameters<typeof events>[0]) => (await events(filter)).map(({ name }) => name).reverse();

describe("audit", () => {
  test("every event occurs, each together with the change that it records", async () => {
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
    await callTool(gatehouse, foreign.access_token);
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
    await liveAsAPerson(gatehouse);
    await liveAsAMachine(gatehouse);
    await liveWithProviders(gatehouse);
    await liveByAnIssuer(gatehouse);
    await registerOneTooMany(gatehouse);
    await settled();
    expect(await isActive(gatehouse, again.access_token)).toBe(false);
    await liveWithRules(gatehouse, await gatehouse.signedInBrowser(await gatehouse.addPerson()));
    await settled();
    const happened = new Set((await events()).map(({ name }) => name));
    expect(AUDIT_EVENTS.filter((name) => !happened.has(name))).toEqual([]);
  });

  test("each of them has its words on the dashboard, and in the history of the connection that it is about", async () => {
    const ofConnections = (await events()).filter(({ userId, familyId }) => userId !== null && familyId !== null);
    const withoutLine = ofConnections.filter(({ name }) => AUDIT_WORDS[name].line === undefined);
    // The line about the end says why.
    expect(withoutLine.filter(({ name }) => !(name in REASONS)).map(({ name }) => name)).toEqual([]);

    const dashboard = await gatehouse.signedInBrowser(await gatehouse.addOwner());
    for (const name of AUDIT_EVENTS) {
      const page = await dashboard.open(`${issuer}/admin/audit?event=${name}`);
      const row = page.html.querySelector("tbody .sentence")?.textContent ?? "no row";
      expect(row, name).not.toMatch(/[{}]|undefined|no row/);
    }
  });

  test("an event remains after what it is about was deleted", async () => {
    const client = await registerClient(gatehouse);
    await setClientStatus(owner, client.client_id, "delete");
    expect(await names({ clientId: client.client_id })).toEqual(["client_registered", "client_deleted"]);
  });

  test("a refused request records no change", async () => {
    const client = await registerClient(gatehouse);
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const grant = await grantCode(gatehouse, browser, client);
    await redeem(gatehouse, client, grant, { code_verifier: "a".repeat(43) });
    await settled();
    expect(await names({ clientId: client.client_id })).toEqual(["client_registered", "authorization_granted"]);
  });

  test("the filters of the log are validated", async () => {
    const bad = await readAuditEvents(owner, {
      name: "nonsense",
      email: null,
      clientId: null,
      days: null,
      before: null,
      limit: 10,
    });
    expect(bad).toHaveProperty("problem");
  });

  test("the log contains no secret, token, code or person's address", async () => {
    const text = JSON.stringify(await events());
    expect(text.match(/gth[a-z]_/g)).toBeNull();
  });
});

test("V1 strangers can't write to the audit log by revoking as clients that don't exist", async () => {
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
