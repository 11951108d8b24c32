import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { askAtOnce } from "../support/at-once.ts";
import { DEVICE_METADATA, deviceSteps, pollDevice } from "../support/device.ts";
import { errorOf, introspect, isActive, refresh, registerClient, type Tokens } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser } = await ownScene();
const { owner } = gatehouse;
const client = await registerClient(gatehouse, DEVICE_METADATA);
const { begin, poll, view, decide } = deviceSteps(gatehouse, browser, client);

describe("RFC 8628 device flow", () => {
  test("§3 a person types the code and allows less than was asked, and the device gets tokens", async () => {
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

  test("§3.3.1 a link that contains the code shows it and asks, and goes no further by itself", async () => {
    const authorization = await begin();
    const page = await browser.open(authorization.verification_uri_complete);
    expect(page.html.querySelector("#user_code")?.getAttribute("value")).toBe(authorization.user_code);
    expect(page.html.textContent).toContain("shows this same code");
    // Opening it bound nothing: another session may still view it.
    const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    expect((await view(authorization, other)).status).toBe(200);
  });

  test("§3.3 a person who isn't signed in signs in and comes back with the code", async () => {
    const authorization = await begin();
    const visitor = createHeadlessBrowser();
    const login = await visitor.open(authorization.verification_uri_complete);
    expect(login.url.pathname).toBe("/login");
    const back = await visitor.submit(login, "/login", person);
    expect(back.html.querySelector("#user_code")?.getAttribute("value")).toBe(authorization.user_code);
  });

  test("§3.3 a browser that is signed in as somebody else can sign out and continue with the same code", async () => {
    const authorization = await begin();
    const visitor = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const login = await visitor.submit(await visitor.open(authorization.verification_uri_complete), "/logout", {});
    const back = await visitor.submit(login, "/login", person);
    expect(back.html.querySelector("#user_code")?.getAttribute("value")).toBe(authorization.user_code);
    expect(back.html.textContent).toContain(person.email);
  });

  test("§3.3 the question says whose account it is about, and somebody else signs in and answers for theirs", async () => {
    const authorization = await begin();
    const other = await gatehouse.addPerson();
    const visitor = await gatehouse.signedInBrowser(other);
    const asked = await view(authorization, visitor);
    expect(asked.html.querySelector("footer")?.textContent).toBe(`Signed in as ${other.email}. Not you?`);
    const login = await visitor.submit(asked, "/logout", {});
    const back = await visitor.submit(login, "/login", person);
    expect(back.html.querySelector("#user_code")?.getAttribute("value")).toBe(authorization.user_code);
    await decide(authorization, { decision: "allow" }, visitor);
    const tokens = (await (await poll(authorization)).json()) as Tokens;
    const introspection = await (await introspect(gatehouse, tokens.access_token)).json();
    expect(introspection).toMatchObject({ active: true, sub: person.id });
  });

  test("§6.1 the code is accepted however a person types it", async () => {
    const authorization = await begin();
    const typed = ` ${authorization.user_code.toLowerCase().replace("-", "  ")}. `;
    expect((await view({ user_code: typed })).status).toBe(200);
  });

  test("§3.5 a poll is told that the code was denied, has expired or was polled too often", async () => {
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

  test("T3 of fifty polls at once, one gets tokens, and the code works once", async () => {
    let own = client;
    const answers = await askAtOnce(50, async () => {
      own = await registerClient(gatehouse, DEVICE_METADATA);
      const authorization = await begin(own);
      await decide(authorization);
      return () => poll(authorization, own);
    });
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

  test("T3 a second redemption from elsewhere revokes the tokens of the first, and no other of the app", async () => {
    const [{ authorization, tokens }, other] = [await redeemed(), await redeemed()];
    const thief = await pollDevice(gatehouse, client, authorization, {}, { "User-Agent": "another" });
    expect(await errorOf(thief)).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await isActive(gatehouse, other.tokens.access_token)).toBe(true);
  });

  test("T3 the device's own next poll revokes nothing for half a minute, and later ends its connection", async () => {
    const { authorization, tokens } = await redeemed();
    expect(await errorOf(await poll(authorization))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    await gatehouse.moveClock(31);
    expect(await errorOf(await poll(authorization))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    await gatehouse.moveClock(0);
  });

  test("Outages: the tokens are given if only the answer of the database was lost", async () => {
    const authorization = await begin();
    await decide(authorization);
    gatehouse.services.neon.inject("lose_answer", { times: 1 });
    const response = await poll(authorization);
    gatehouse.services.neon.reset();
    expect(await isActive(gatehouse, ((await response.json()) as Tokens).access_token)).toBe(true);
  });
});
