import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { setClientStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import {
  beginDevice,
  DEVICE_GRANT,
  DEVICE_METADATA,
  type DeviceAuthorization,
  decideDevice,
  pollDevice,
  requestDevice,
  viewDevice,
} from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  errorOf,
  introspect,
  isActive,
  postForm,
  refresh,
  registerClient,
  type TestClient,
  type Tokens,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const person = await gatehouse.addPerson();
const browser = await gatehouse.signedInBrowser(person);

const client = await registerClient(gatehouse, DEVICE_METADATA);

const request = (of: TestClient = client, fields: Record<string, string> = {}) => requestDevice(gatehouse, of, fields);
const begin = (of: TestClient = client, fields: Record<string, string> = {}) => beginDevice(gatehouse, of, fields);
const poll = (
  of: Pick<DeviceAuthorization, "device_code">,
  by: TestClient = client,
  fields: Record<string, string> = {},
) => pollDevice(gatehouse, by, of, fields);
const view = (of: Pick<DeviceAuthorization, "user_code">, by: HeadlessBrowser = browser) =>
  viewDevice(gatehouse, by, of);
const decide = async (
  of: DeviceAuthorization,
  fields: Record<string, string | string[]> = { decision: "allow" },
  by: HeadlessBrowser = browser,
) => decideDevice(by, await view(of, by), fields);

describe("RFC 8628 device flow", () => {
  test("§3 a person types the code, allows less than was asked, and the device gets tokens", async () => {
    const authorization = await begin();
    expect(authorization).toEqual({
      device_code: expect.stringMatching(/^gthd_/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${authorization.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    expect(await errorOf(await poll(authorization))).toBe("400 authorization_pending");
    const page = await view(authorization);
    for (const shown of ["Television", "nobody has checked it", "Weather", authorization.user_code, "choose Deny"])
      expect(page.html.textContent).toContain(shown);
    const done = await browser.submit(page, "/device/decide", {
      decision: "allow",
      scope: ["mcp:tools"],
      duration: "3600",
    });
    expect(done.html.textContent).toContain("Your device continues on its own");
    const response = await poll(authorization);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const tokens = (await response.json()) as Tokens;
    expect(tokens).toMatchObject({ token_type: "Bearer", scope: "mcp:tools", resource: gatehouse.resource.uri });
    const introspection = await (await introspect(gatehouse, tokens.access_token)).json();
    expect(introspection).toMatchObject({ active: true, sub: person.id, username: person.email, scope: "mcp:tools" });
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
    const account = await browser.open(`${issuer}/account`);
    expect(account.html.textContent).toContain("Television");
  });

  test("§3.3.1 a link with the code in it shows the code and asks; it goes no further by itself", async () => {
    const authorization = await begin();
    const page = await browser.open(authorization.verification_uri_complete);
    expect(page.html.querySelector("#user_code")?.getAttribute("value")).toBe(authorization.user_code);
    expect(page.html.textContent).toContain("shows this same code");
    // Opening it bound nothing: another session may still view it.
    const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    expect((await view(authorization, other)).status).toBe(200);
  });

  test("§3.3 who isn't signed in signs in and comes back, with the code", async () => {
    const authorization = await begin();
    const visitor = createHeadlessBrowser();
    const login = await visitor.open(authorization.verification_uri_complete);
    expect(login.url.pathname).toBe("/login");
    const back = await visitor.submit(login, "/login", person);
    expect(back.html.querySelector("#user_code")?.getAttribute("value")).toBe(authorization.user_code);
  });

  test("§3.3 who is not the person signs out and goes on with the same code", async () => {
    const authorization = await begin();
    const visitor = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const login = await visitor.submit(await visitor.open(authorization.verification_uri_complete), "/logout", {});
    const back = await visitor.submit(login, "/login", person);
    expect(back.html.querySelector("#user_code")?.getAttribute("value")).toBe(authorization.user_code);
    expect(back.html.textContent).toContain(person.email);
  });

  test("§6.1 the code is taken as people type it", async () => {
    const authorization = await begin();
    const typed = ` ${authorization.user_code.toLowerCase().replace("-", "  ")}. `;
    expect((await view({ user_code: typed })).status).toBe(200);
  });

  test("§3.5 denied, expired, and polled too often", async () => {
    const denied = await begin();
    await decide(denied, { decision: "deny" });
    expect(await errorOf(await poll(denied))).toBe("400 access_denied");
    const hasty = await begin();
    expect(await errorOf(await poll(hasty))).toBe("400 authorization_pending");
    expect(await errorOf(await poll(hasty))).toBe("400 slow_down");
    await gatehouse.moveClock(6);
    expect(await errorOf(await poll(hasty))).toBe("400 slow_down");
    await gatehouse.moveClock(30);
    expect(await errorOf(await poll(hasty))).toBe("400 authorization_pending");
    await gatehouse.moveClock(601);
    expect(await errorOf(await poll(hasty))).toBe("400 expired_token");
    expect((await view(hasty)).status).toBe(400);
    await gatehouse.moveClock(0);
  });

  test("T3 of fifty polls at once one gets tokens, and the code is good once", async () => {
    const own = await registerClient(gatehouse, DEVICE_METADATA);
    const authorization = await begin(own);
    await decide(authorization);
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(authorization, own)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [row] = await owner.db.read(
      sql`select count(*)::int as n from token_families where client_id = ${own.client_id}`,
    );
    expect(row).toEqual({ n: 1 });
    const tokens = (await answers.find(({ status }) => status === 200)?.json()) as Tokens;
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  });

  const redeemed = async () => {
    const authorization = await begin();
    await decide(authorization);
    return { authorization, tokens: (await (await poll(authorization)).json()) as Tokens };
  };

  test("T3 redeeming it from elsewhere revokes what it gave, and nothing else of the app", async () => {
    const [{ authorization, tokens }, other] = [await redeemed(), await redeemed()];
    const thief = await pollDevice(gatehouse, client, authorization, {}, { "User-Agent": "another" });
    expect(await errorOf(thief)).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await isActive(gatehouse, other.tokens.access_token)).toBe(true);
  });

  test("T3 the device's own next poll takes nothing away for half a minute, and ends a connection without an owner after", async () => {
    const { authorization, tokens } = await redeemed();
    expect(await errorOf(await poll(authorization))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    await gatehouse.moveClock(31);
    expect(await errorOf(await poll(authorization))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    await gatehouse.moveClock(0);
  });

  test("Outages: tokens are given if only their answer was lost", async () => {
    const authorization = await begin();
    await decide(authorization);
    gatehouse.services.neon.inject("lose_answer", { times: 1 });
    const response = await poll(authorization);
    gatehouse.services.neon.reset();
    expect(await isActive(gatehouse, ((await response.json()) as Tokens).access_token)).toBe(true);
  });
});

describe("what a stranger can do about it", () => {
  test("§5.4 a code that one session has viewed is nobody else's", async () => {
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

  test("a decision is made once, and of parallel ones one counts; sending that one again is no mistake", async () => {
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

  test("what the server no longer offers can't be allowed", async () => {
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

  test("nothing can be allowed that was not asked, and nothing at all is no answer", async () => {
    const authorization = await begin(client, { scope: "mcp:tools" });
    const page = await view(authorization);
    expect((await browser.submit(page, "/device/decide", { decision: "allow", scope: ["mcp:prompts"] })).status).toBe(
      400,
    );
    expect((await browser.submit(page, "/device/decide", { decision: "allow", scope: [] })).status).toBe(400);
    await browser.submit(page, "/device/decide", { decision: "allow", scope: ["mcp:tools", "mcp:prompts"] });
    expect(((await (await poll(authorization)).json()) as Tokens).scope).toBe("mcp:tools");
  });

  test("another client's device code is unknown, and costs nothing", async () => {
    const authorization = await begin();
    await decide(authorization);
    const other = await registerClient(gatehouse, DEVICE_METADATA);
    expect(await errorOf(await poll(authorization, other))).toBe("400 invalid_grant");
    expect((await poll(authorization)).status).toBe(200);
  });

  test("T5 T6 a client authenticates as ever, and must have registered the grant", async () => {
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

  test("T7 a person or a client that was disabled between allowing and polling gets nothing", async () => {
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

  test("a client that changed since the page was shown is not what was allowed", async () => {
    const by = await gatehouse.signedInBrowser(person);
    const changing = await registerClient(gatehouse, DEVICE_METADATA);
    const authorization = await begin(changing);
    const page = await view(authorization, by);
    await owner.db.run(sql`update clients set fingerprint = '\\x00' where id = ${changing.client_id}`);
    expect((await by.submit(page, "/device/decide", { decision: "allow" })).status).toBe(400);
    // No is no, whatever the client looks like.
    expect((await by.submit(page, "/device/decide", { decision: "deny" })).status).toBe(200);
    expect(await errorOf(await poll(authorization, changing))).toBe("400 access_denied");
  });

  test("A8 no form of it is taken without the session's CSRF token", async () => {
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

test("P1 calling it a poll gets no more requests of a device through", async () => {
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

  test("a device code goes an hour after its end, one that was redeemed after a day; a client whose device waits stays", async () => {
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
    // It was in use when it was looked at, and is looked at again a month later.
    expect(await count("clients", "id", idle.client_id)).toBe(1);
    await gatehouse.moveClock(62 * DAY);
    await gatehouse.runScheduled();
    expect(await count("clients", "id", idle.client_id)).toBe(0);
    await gatehouse.moveClock(0);
  });
});
