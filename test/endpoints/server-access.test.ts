import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { allowAccess, findAccessRule, setOpenness } from "../../src/flows/admin/access-rules.ts";
import { addGroup, addToGroup, readGroup, removeFromGroup, removeGroup } from "../../src/flows/admin/groups.ts";
import { DEVICE_CODE_GRANT } from "../../src/oauth/grant-type.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  authorizationRequest,
  createMachine,
  errorOf,
  grantCode,
  grantTokens,
  introspect,
  isActive,
  postForm,
  redeem,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { addRestrictedServer } from "../support/restricted-server.ts";

const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;
await owner.db.run(sql`insert into users (email, role) values ('owner@example.com', 'owner')`);
const client = await registerClient(gatehouse);

let servers = 0;
/** A restricted server for one test, and a person's connection with it. */
async function restricted() {
  servers += 1;
  const server = await addRestrictedServer(gatehouse, `https://server-${servers}.example/mcp`);
  const connect = (scope = "read write") =>
    grantTokens(gatehouse, server.browser, client, { resource: server.uri, scope });
  return { ...server, connect };
}

const scopeOf = async (at: Parameters<typeof introspect>[0], token: string) =>
  ((await (await introspect(at, token)).json()) as { scope?: string }).scope ?? null;

test("People: a person who may not use a server is told whom to ask, and the app gets access_denied", async () => {
  const { uri, browser } = await restricted();
  const { url } = await authorizationRequest(gatehouse, client, { resource: uri });
  const page = await browser.open(url);
  expect(page.status).toBe(403);
  expect(page.html.textContent).toContain("You don’t have access to Payroll");
  expect(page.html.textContent).toContain("owner@example.com");
  const back = new URL(page.html.querySelector("a.button")?.getAttribute("href") ?? "");
  expect(back.searchParams.get("error")).toBe("access_denied");
  expect(back.searchParams.get("state")).toBe("the state");
  // The event is written after the answer.
  const events = () => owner.db.read(sql`select client_id from audit_events where name = 'access_refused'`);
  await expect.poll(events).toEqual([{ client_id: client.client_id }]);
});

test("People: consent offers only what the person may have, and a form that was shown before grants no more", async () => {
  const { uri, browser, allow, connect } = await restricted();
  await allow(["read"]);
  const scope = "read write";
  const page = await browser.open((await authorizationRequest(gatehouse, client, { resource: uri, scope })).url);
  const offered = () => page.html.querySelectorAll("input[name=scope]").map((box) => box.getAttribute("value"));
  expect(offered()).toEqual(["read"]);
  expect((await connect()).scope).toBe("read");

  await allow(["read", "write"]);
  const wide = await browser.open((await authorizationRequest(gatehouse, client, { resource: uri, scope })).url);
  await allow(["read"]);
  const answer = await browser.submit(wide, "/consent", { decision: "allow", scope: ["read", "write"] });
  expect([answer.status, answer.left]).toEqual([400, null]);
});

test("People: a rule may allow scopes that apps don't request by default, together with those that they imply", async () => {
  const { id, allow, connect, one } = await restricted();
  await allow(["write"]);
  expect((await findAccessRule(owner, id, one))?.scopes).toEqual(["write", "read"]);
  expect((await connect("unknown")).scope).toBe("read");
  await owner.db.run(sql`update access_rules set scopes = '{write}' where resource_id = ${id}`);
  expect((await connect("unknown")).scope).toBe("write");
});

describe("T7 I2 a person who is removed from a server", () => {
  test("T7 I2 is refused at the next look-up, and their connection has ended for good", async () => {
    const { at, allow, takeOut, connect } = await restricted();
    await allow();
    const tokens = await connect();
    expect(await isActive(at, tokens.access_token)).toBe(true);
    await takeOut();
    expect(await isActive(at, tokens.access_token)).toBe(false);
    await allow();
    expect(await isActive(at, tokens.access_token)).toBe(false);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    const [family] = await owner.db.read(
      sql`select revoked_reason as reason from token_families order by created_at desc limit 1`,
    );
    expect(family).toEqual({ reason: "access_removed" });
  });

  test("T7 I2 is refused by every gate, even if nothing was revoked", async () => {
    const { id, uri, at, browser, allow, connect } = await restricted();
    await allow();
    const tokens = await connect();
    const code = await grantCode(gatehouse, browser, client, { resource: uri });
    const page = await browser.open((await authorizationRequest(gatehouse, client, { resource: uri })).url);
    await owner.db.run(sql`delete from access_rules where resource_id = ${id}`);
    expect(await isActive(at, tokens.access_token)).toBe(false);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    expect(await errorOf(await redeem(gatehouse, client, code))).toBe("400 invalid_grant");
    expect((await browser.submit(page, "/consent", { decision: "allow" })).left).toBeNull();
    // Nothing was spent for it.
    await allow();
    expect((await redeem(gatehouse, client, code)).status).toBe(200);
  });

  test("T7 I2 loses only what they had by the group that they left", async () => {
    const { id, at, person, allow, connect } = await restricted();
    const name = `Team ${servers}`;
    await addGroup(owner, { name, follows: null });
    const group = await readGroup(owner, name);
    await addToGroup(owner, group?.id ?? "", person.email);
    await allow([], { kind: "group", name });
    const first = await connect();
    await removeFromGroup(owner, group?.id ?? "", person.email);
    expect(await isActive(at, first.access_token)).toBe(false);

    await addToGroup(owner, group?.id ?? "", person.email);
    await allow(["read"]);
    const second = await connect();
    await removeGroup(owner, group?.id ?? "");
    // The rule that names them lets them continue with fewer scopes.
    expect(await scopeOf(at, second.access_token)).toBe("read");
    expect(await findAccessRule(owner, id, { kind: "group", name })).toBeNull();
  });

  test("T7 I2 loses what they had while the server was for everybody, unless a rule names them", async () => {
    const { id, at, allow, connect } = await restricted();
    await setOpenness(owner, id, true);
    const tokens = await connect();
    await allow(["read"]);
    expect(await scopeOf(at, tokens.access_token)).toBe("read write");
    await setOpenness(owner, id, false);
    expect(await scopeOf(at, tokens.access_token)).toBe("read");
    const next = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens;
    expect(next.scope).toBe("read");
  });
});

test("People: a server may give some of its scopes to everybody, and all of them to some", async () => {
  const { allow, takeOut, connect } = await restricted();
  await allow(["read"], { kind: "everybody" });
  expect((await connect()).scope).toBe("read");
  await allow();
  expect((await connect()).scope).toBe("read write");
  await takeOut();
  expect((await connect()).scope).toBe("read");
});

test("T7 on a device, a person without access is told whom to ask, and one who loses it after their yes gets nothing", async () => {
  const { uri, browser, allow, takeOut } = await restricted();
  const device = await registerClient(gatehouse, { grant_types: [DEVICE_CODE_GRANT] });
  const begin = async () => {
    const asked = await postForm(`${issuer}/device_authorization`, { client_id: device.client_id, resource: uri });
    const { user_code, device_code } = (await asked.json()) as { user_code: string; device_code: string };
    const page = await browser.submit(await browser.open(`${issuer}/device`), "/device", { user_code });
    return { page, device_code };
  };
  const shutOut = await begin();
  expect([shutOut.page.status, shutOut.page.html.textContent]).toEqual([
    403,
    expect.stringContaining("owner@example.com"),
  ]);

  await allow(["read"]);
  const { page, device_code } = await begin();
  expect((await browser.submit(page, "/device/decide", { decision: "allow" })).status).toBe(200);
  await takeOut();
  const poll = { grant_type: DEVICE_CODE_GRANT, device_code, client_id: device.client_id };
  expect(await errorOf(await postForm(`${issuer}/token`, poll))).toBe("400 invalid_grant");
});

test("Clients: a machine isn't affected by rules about people", async () => {
  const { uri } = await restricted();
  const machine = await createMachine(gatehouse, { scope: "read" }, uri);
  const answer = await postForm(`${issuer}/token`, {
    ...{ grant_type: "client_credentials", client_id: machine.id, client_secret: machine.secret },
  });
  expect(answer.status).toBe(200);
});

test("Clients: a rule can name only existing people, groups and scopes", async () => {
  const { id } = await restricted();
  const everybody = { kind: "everybody" } as const;
  const problemOf = async (...[subject, scopes]: [Parameters<typeof allowAccess>[2], string[]]) =>
    expect(await allowAccess(owner, id, subject, scopes)).toHaveProperty("problem");
  await problemOf({ kind: "person", email: "nobody@example.com" }, []);
  await problemOf({ kind: "group", name: "nobody" }, []);
  await problemOf(everybody, ["admin"]);
  expect(await allowAccess(owner, "nothing", everybody, [])).toHaveProperty("problem");
  expect(await addGroup(owner, { name: "A", follows: { provider: "none", rule: "org:a" } })).toHaveProperty("problem");
  expect(await addGroup(owner, { name: "A", follows: { provider: "none", rule: "all" } })).toHaveProperty("problem");
});
