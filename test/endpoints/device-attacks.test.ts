import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { addResource } from "../../src/flows/admin/resources.ts";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { setClientStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import {
  DEVICE_GRANT,
  DEVICE_METADATA,
  type DeviceAuthorization,
  deviceSteps,
  requestDevice,
} from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { errorOf, postForm, registerClient, type Tokens } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser } = await ownScene();
const { owner } = gatehouse;
const client = await registerClient(gatehouse, DEVICE_METADATA);
const { request, begin, poll, view, decide } = deviceSteps(gatehouse, browser, client);

describe("RFC 8628 what a stranger can't do with a device", () => {
  test("§5.4 a code that one session has viewed can't be used by another", async () => {
    const authorization = await begin();
    const mine = await view(authorization);
    const thief = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    expect((await view(authorization, thief)).status).toBe(400);
    const moved = mine.html.querySelector('[name="request"]')?.getAttribute("value") ?? "";
    const other = await begin();
    const theirs = await view(other, thief);
    expect((await thief.submit(theirs, "/device/decide", { decision: "allow", request: moved })).status).toBe(400);
    expect(await errorOf(await poll(authorization))).toBe("400 authorization_pending");
    expect((await browser.submit(mine, "/device/decide", { decision: "allow" })).status).toBe(200);
    expect((await poll(authorization)).status).toBe(200);
  });

  test("§5.4 of those who find a code that its viewer left by signing out, one gets it, and the viewer's form is void", async () => {
    const authorization = await begin();
    const viewer = await gatehouse.addPerson();
    const [left, second] = [await gatehouse.signedInBrowser(viewer), await gatehouse.signedInBrowser(viewer)];
    const asked = await view(authorization, left);
    const request = asked.html.querySelector('[name="request"]')?.getAttribute("value") ?? "";
    const others = await Promise.all([1, 2, 3].map(async () => gatehouse.signedInBrowser(await gatehouse.addPerson())));
    await second.submit(await second.open(`${issuer}/account`), "/logout", {});
    expect((await view(authorization, others[0])).status).toBe(400);
    await left.submit(asked, "/logout", {});
    const pages = await Promise.all(others.map((by) => view(authorization, by)));
    expect(pages.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);

    await left.submit(await left.open(`${issuer}/login`), "/login", viewer);
    const theirs = await view(await begin(), left);
    expect((await left.submit(theirs, "/device/decide", { decision: "allow", request })).status).toBe(400);
    const [taker, page] =
      [0, 1, 2].map((n) => [others[n], pages[n]] as const).find(([, got]) => got?.status === 200) ?? [];
    if (!taker || !page) throw new Error("nobody got the code");
    await taker.submit(page, "/device/decide", { decision: "deny" });
    await taker.submit(await taker.open(`${issuer}/account`), "/logout", {});
    expect((await view(authorization, left)).status).toBe(400);
    expect(await errorOf(await poll(authorization))).toBe("400 access_denied");
  });

  test("§5.4 only the first decision counts, and sending the same one again is no mistake", async () => {
    const authorization = await begin();
    const page = await view(authorization);
    const decisions = ["allow", "deny", "allow", "deny"];
    const pages = await Promise.all(
      decisions.map((decision) => browser.submit(page, "/device/decide", { decision, duration: "3600" })),
    );
    const allowed = (await poll(authorization)).status === 200;
    expect(pages.map(({ status }) => status)).toEqual(allowed ? [200, 400, 200, 400] : [400, 200, 400, 200]);
    expect((await view(authorization)).status).toBe(400);
    const less = { decision: "allow", scope: ["mcp:tools"], duration: "3600" };
    expect((await browser.submit(page, "/device/decide", less)).status).toBe(400);
  });

  test("T2 a person can't allow what the server no longer offers", async () => {
    const added = await addResource(owner, { uri: "https://small.example", name: "", scopes: [], isDefault: false });
    if ("problem" in added) throw new Error(added.problem);
    const authorization = await begin(client, { resource: added.uri });
    const page = await view(authorization);
    await owner.db.run(sql`delete from scopes where resource_id = ${added.id} and name = 'mcp:prompts'`);
    expect((await browser.submit(page, "/device/decide", { decision: "allow" })).status).toBe(400);
    expect((await browser.submit(page, "/device/decide", { decision: "allow", scope: ["mcp:tools"] })).status).toBe(
      200,
    );
  });

  test("T2 a person can't allow what wasn't asked for, and an answer without any scope is none", async () => {
    const authorization = await begin(client, { scope: "mcp:tools" });
    const page = await view(authorization);
    expect((await browser.submit(page, "/device/decide", { decision: "allow", scope: ["mcp:prompts"] })).status).toBe(
      400,
    );
    expect((await browser.submit(page, "/device/decide", { decision: "allow", scope: [] })).status).toBe(400);
    await browser.submit(page, "/device/decide", { decision: "allow", scope: ["mcp:tools", "mcp:prompts"] });
    expect(((await (await poll(authorization)).json()) as Tokens).scope).toBe("mcp:tools");
  });

  test("T2 another client's device code is unknown to a client, and stays usable", async () => {
    const authorization = await begin();
    await decide(authorization);
    const other = await registerClient(gatehouse, DEVICE_METADATA);
    expect(await errorOf(await poll(authorization, other))).toBe("400 invalid_grant");
    expect((await poll(authorization)).status).toBe(200);
  });

  test("T5 T6 a client authenticates as for other grants, and must have registered this one", async () => {
    const secret = await registerClient(gatehouse, {
      ...DEVICE_METADATA,
      token_endpoint_auth_method: "client_secret_post",
    });
    expect(await errorOf(await request(secret))).toBe("401 invalid_client");
    const authorization = await begin(secret, { client_secret: secret.client_secret ?? "" });
    await decide(authorization);
    expect(await errorOf(await poll(authorization, secret))).toBe("401 invalid_client");
    expect((await poll(authorization, secret, { client_secret: secret.client_secret ?? "" })).status).toBe(200);
    const without = await registerClient(gatehouse);
    expect(await errorOf(await request(without))).toBe("400 unauthorized_client");
    expect(await errorOf(await request({ ...client, client_id: "client_nobody" }))).toBe("401 invalid_client");
    expect((await request(client, { scope: "unknown" })).status).toBe(200);
    expect(await errorOf(await request(client, { resource: "https://nowhere.example" }))).toBe("400 invalid_target");
    for (const device_code of ["", "x", "gthd_x", (await begin()).user_code])
      expect((await poll({ device_code })).status).toBe(400);
  });

  test("T7 a poll gets nothing if the person or client was disabled after the person allowed it", async () => {
    const guest = await gatehouse.addPerson();
    const first = await begin();
    await decide(first, { decision: "allow" }, await gatehouse.signedInBrowser(guest));
    await setUserStatus(owner, guest.email, "disable");
    expect(await errorOf(await poll(first))).toBe("400 invalid_grant");
    const blocked = await registerClient(gatehouse, DEVICE_METADATA);
    const second = await begin(blocked);
    await decide(second);
    await setClientStatus(owner, blocked.client_id, "block");
    expect(await errorOf(await poll(second, blocked))).toBe("401 invalid_client");
    const third = await begin();
    await decide(third);
    await revokeGrants(owner, { kind: "user", email: person.email });
    expect(await errorOf(await poll(third))).toBe("400 invalid_grant");
  });

  test("A8 a decision is void if the client has changed since the page was shown", async () => {
    const by = await gatehouse.signedInBrowser(person);
    const changing = await registerClient(gatehouse, DEVICE_METADATA);
    const authorization = await begin(changing);
    const page = await view(authorization, by);
    await owner.db.run(sql`update clients set fingerprint = '\\x00' where id = ${changing.client_id}`);
    expect((await by.submit(page, "/device/decide", { decision: "allow" })).status).toBe(400);
    // A refusal counts, however the client has changed.
    expect((await by.submit(page, "/device/decide", { decision: "deny" })).status).toBe(200);
    expect(await errorOf(await poll(authorization, changing))).toBe("400 access_denied");
  });

  test("A8 no form is accepted without the session's CSRF token", async () => {
    const by = await gatehouse.signedInBrowser(person);
    const authorization = await begin();
    const page = await by.open(`${issuer}/device`);
    const { user_code } = authorization;
    expect((await by.submit(page, "/device", { user_code, csrf: "" })).status).toBe(403);
    const asked = await view(authorization, by);
    expect((await by.submit(asked, "/device/decide", { decision: "allow", csrf: "x" })).status).toBe(403);
    expect(await errorOf(await poll(authorization))).toBe("400 authorization_pending");
  });
});

test("P1 the devices behind one address don't crowd each other out", async () => {
  const limited = await startGatehouse({ vars: { LIMITS: "on", LIMIT_TOKEN: "10", LIMIT_TOKEN_ADDRESS: "40" } });
  await limited.startMinute();
  const device = await registerClient(limited, DEVICE_METADATA);
  const begun = await postForm(`${limited.issuer}/device_authorization`, { client_id: device.client_id });
  const { device_code } = (await begun.json()) as DeviceAuthorization;
  const statuses: number[] = [];
  for (let n = 0; n < 45; n++)
    statuses.push(
      (
        await postForm(`${limited.issuer}/token`, {
          grant_type: DEVICE_GRANT,
          device_code,
          client_id: device.client_id,
        })
      ).status,
    );
  expect(statuses.indexOf(429)).toBe(39);
});

test("P1 a request that pretends to be a poll is counted all the same", async () => {
  const limited = await startGatehouse({ vars: { LIMITS: "on", LIMIT_TOKEN: "10", LIMIT_TOKEN_ADDRESS: "40" } });
  await limited.startMinute();
  const device = await registerClient(limited, DEVICE_METADATA);
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++)
    statuses.push((await requestDevice(limited, device, { grant_type: DEVICE_GRANT })).status);
  expect(statuses.indexOf(429)).toBe(10);
});

describe("clean-up", () => {
  const DAY = 24 * 3600;
  const count = async (table: "device_codes" | "clients", column: "client_id" | "id", id: string) =>
    (await owner.db.read(sql`select from ${sql.identifier(table)} where ${sql.identifier(column)} = ${id}`)).length;

  test("P5 a device code is deleted an hour after its end, a redeemed one after a day, and a client stays while its device waits", async () => {
    const idle = await registerClient(gatehouse, DEVICE_METADATA);
    await gatehouse.moveClock(31 * DAY);
    await begin(idle);
    const signedIn = await gatehouse.signedInBrowser(person);
    const used = await begin();
    await decide(used, { decision: "allow" }, signedIn);
    expect((await poll(used)).status).toBe(200);
    const ofUsed = async () =>
      (await owner.db.read(sql`select true from device_codes where redeemed_at is not null`)).length > 0;
    await gatehouse.runScheduled();
    expect(await count("clients", "id", idle.client_id)).toBe(1);
    await gatehouse.moveClock(31 * DAY + 600 + 3500);
    await gatehouse.runScheduled();
    expect(await count("device_codes", "client_id", idle.client_id)).toBe(1);
    await gatehouse.moveClock(31 * DAY + 600 + 3700);
    await gatehouse.runScheduled();
    expect(await count("device_codes", "client_id", idle.client_id)).toBe(0);
    expect(await ofUsed()).toBe(true);
    await gatehouse.moveClock(32 * DAY + 700);
    await gatehouse.runScheduled();
    expect(await ofUsed()).toBe(false);
    // It was in use when it was looked at, so it is looked at again a month later.
    expect(await count("clients", "id", idle.client_id)).toBe(1);
    await gatehouse.moveClock(62 * DAY);
    await gatehouse.runScheduled();
    expect(await count("clients", "id", idle.client_id)).toBe(0);
    await gatehouse.moveClock(0);
  });
});
