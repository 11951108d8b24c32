import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, answerThere, connectThere, exchange, grantLinked } from "../support/linked.ts";
import { authorizationRequest, errorOf, grantTokens, redeem, registerClient } from "../support/oauth-client.ts";
import { sendForm } from "../support/pages.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const openid = await addOpenid(gatehouse);
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "openid");
const githubIssues = await addIssuesServer(gatehouse, "github");

const newPerson = async () => {
  const person = await gatehouse.addPerson();
  return { person, browser: await gatehouse.signedInBrowser(person) };
};

describe("L4 linking at consent", () => {
  test("L4 one sitting leads from consent to the page that asks, to the provider, and back to the app with a code", async () => {
    const { browser } = await newPerson();
    const client = await registerClient(gatehouse);
    const { url, verifier } = await authorizationRequest(gatehouse, client, { resource: issues.uri });
    const consent = await browser.open(url);
    expect(consent.html.textContent).toContain("openid account, which you connect next");
    const ask = await browser.submit(consent, "/consent", { decision: "allow" });
    expect(ask.url.pathname).toMatch(/^\/connect\/gthk_/);
    expect(ask.html.textContent).toContain("Read your issues");
    expect(ask.html.textContent).toContain(issues.uri);
    const sent = await browser.submit(ask, ask.url.pathname, {});
    const asked = Object.fromEntries(sent.left?.searchParams ?? []);
    expect(asked).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      redirect_uri: `${issuer}/callback/openid`,
      scope: "openid read:issues",
    });
    expect(asked["nonce"]).toBeTruthy();
    const done = await browser.open(await answerThere(browser, sent.left, "octavia"));
    const code = done.left?.searchParams.get("code") ?? "";
    expect(done.left?.searchParams.get("state")).toBe("the state");
    const redeemed = await redeem(gatehouse, client, { code, verifier, redirectUri: client.redirect_uris[0] ?? "" });
    const { access_token } = (await redeemed.json()) as { access_token: string };
    const given = await answerOf(await exchange(gatehouse, issues, access_token, "openid"));
    expect(given).toMatchObject({
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      token_type: "Bearer",
      scope: "openid read:issues",
    });
    expect(given.expires_in).toBeGreaterThan(3000);
    expect(given).not.toHaveProperty("refresh_token");
    expect(await openid.isLive(given.access_token)).toBe(true);
    const served = await fetch(`${openid.url}/issues`, { headers: { Authorization: `Bearer ${given.access_token}` } });
    expect(await served.json()).toEqual([{ title: "Paint the gate", owner: "octavia" }]);
  });

  test("L4 a sufficient account is used without a detour, and shown at consent", async () => {
    const { browser } = await newPerson();
    await grantLinked(gatehouse, browser, issues, { login: "again" });
    const other = await addIssuesServer(gatehouse, "openid");
    const client = await registerClient(gatehouse);
    const { url } = await authorizationRequest(gatehouse, client, { resource: other.uri });
    const consent = await browser.open(url);
    expect(consent.html.textContent).toContain("your openid account again");
    const answered = await browser.submit(consent, "/consent", { decision: "allow" });
    expect(answered.left?.searchParams.get("code")).toBeTruthy();
  });

  test("L4 the provider isn't asked for an unticked scope, and later it is asked only for the added one", async () => {
    const { browser } = await newPerson();
    const client = await registerClient(gatehouse);
    const ask = { resource: issues.uri, scope: "issues:read time:read" };
    const page = await browser.open((await authorizationRequest(gatehouse, client, ask)).url);
    const unticked = await browser.submit(page, "/consent", { decision: "allow", scope: ["time:read"] });
    expect(unticked.left?.searchParams.get("code")).toBeTruthy();

    await grantLinked(gatehouse, browser, issues, { login: "step" });
    const more = await authorizationRequest(gatehouse, client, { resource: issues.uri, scope: "issues:write" });
    const consent = await browser.open(more.url);
    expect(consent.html.textContent).toContain("It changes what others see.");
    const again = await browser.submit(consent, "/consent", { decision: "allow" });
    expect(again.url.pathname).toMatch(/^\/connect\//);
    expect(again.html.querySelectorAll(".scopes .badge").map(({ textContent }) => textContent)).toEqual(["New"]);
    expect(again.html.textContent).toContain("It changes what others see.");
    const back = await browser.open(await connectThere(browser, again, "step"));
    expect(back.left?.searchParams.get("code")).toBeTruthy();
  });

  test("L4 linking can be skipped, and the exchange then says what is missing and where to link it", async () => {
    const { browser } = await newPerson();
    const client = await registerClient(gatehouse);
    const { url, verifier } = await authorizationRequest(gatehouse, client, { resource: issues.uri });
    const ask = await browser.submit(await browser.open(url), "/consent", { decision: "allow" });
    const skipped = await browser.submit(ask, `${ask.url.pathname}/skip`, {});
    const code = skipped.left?.searchParams.get("code") ?? "";
    const tokens = await redeem(gatehouse, client, { code, verifier, redirectUri: client.redirect_uris[0] ?? "" });
    const { access_token, scope } = (await tokens.json()) as { access_token: string; scope: string };
    expect(scope.split(" ")).toContain("issues:read");
    const missing = await exchange(gatehouse, issues, access_token, "openid");
    expect(missing.status).toBe(400);
    const { error, connect_uri } = await answerOf(missing);
    expect(error).toBe("interaction_required");

    const page = await browser.open(connect_uri ?? "");
    const done = await browser.open(await connectThere(browser, page, "later"));
    expect(done.url.pathname).toBe("/account/linked");
    expect((await exchange(gatehouse, issues, access_token, "openid")).status).toBe(200);
  });

  test("L4 an account at GitHub has a numeric id, and its token has neither expiry nor refresh token", async () => {
    const { browser } = await newPerson();
    const { tokens } = await grantLinked(gatehouse, browser, githubIssues, { login: "hubot" });
    const given = await answerOf(await exchange(gatehouse, githubIssues, tokens.access_token, "github"));
    expect(given.expires_in).toBeUndefined();
    expect(github.isLive(given.access_token)).toBe(true);
  });

  test("L4 a person who says no at the provider has changed nothing, and can continue without it", async () => {
    const { browser } = await newPerson();
    const client = await registerClient(gatehouse);
    const { url } = await authorizationRequest(gatehouse, client, { resource: issues.uri });
    const ask = await browser.submit(await browser.open(url), "/consent", { decision: "allow" });
    const sent = await browser.submit(ask, ask.url.pathname, {});
    const refused = await browser.open(await answerThere(browser, sent.left, "no", "deny"));
    expect([refused.status, refused.html.textContent]).toEqual([400, expect.stringContaining("Not connected")]);
    const skipped = await browser.submit(refused, `${ask.url.pathname}/skip`, {});
    expect(skipped.left?.searchParams.get("code")).toBeTruthy();
  });

  test("L4 the page asks before another account replaces the linked one", async () => {
    const { browser } = await newPerson();
    const { tokens } = await grantLinked(gatehouse, browser, githubIssues, { login: "first" });
    const before = await answerOf(await exchange(gatehouse, githubIssues, tokens.access_token, "github"));
    const client = await registerClient(gatehouse);
    const more = await authorizationRequest(gatehouse, client, { resource: githubIssues.uri, scope: "issues:write" });
    const ask = await browser.submit(await browser.open(more.url), "/consent", { decision: "allow" });
    const other = await browser.open(await connectThere(browser, ask, "second"));
    expect([other.status, other.html.textContent]).toEqual([409, expect.stringContaining("first")]);
    const still = await answerOf(await exchange(gatehouse, githubIssues, tokens.access_token, "github"));
    expect(still.access_token).toBe(before.access_token);

    const form = other.html.querySelectorAll("form").find((each) => each.querySelector("[name=replace]"));
    const sent = await browser.submit({ ...other, html: form?.parentNode ?? other.html }, ask.url.pathname, {});
    const done = await browser.open(await answerThere(browser, sent.left, "second"));
    expect(done.left?.searchParams.get("code")).toBeTruthy();
    expect(github.isLive(before.access_token)).toBe(false);
  });
});

describe("L5 token exchange", () => {
  test("RFC 8693 §2.1 a server with its credential gets only what the caller's scopes need", async () => {
    const { browser } = await newPerson();
    const { tokens } = await grantLinked(gatehouse, browser, issues, { login: "careful" });
    const ask = async (fields: Record<string, string>, resource = issues, audience = "openid") =>
      errorOf(await exchange(gatehouse, resource, tokens.access_token, audience, fields));
    expect(await ask({ scope: "write:issues" })).toBe("400 invalid_scope");
    expect(await ask({}, githubIssues, "openid")).toBe("400 invalid_grant");
    const foreign = sql`select resource_id as by from audit_events where name = 'foreign_token_introspected'`;
    expect(await gatehouse.owner.db.read(foreign)).toEqual([{ by: githubIssues.id }]);
    expect(await ask({}, issues, "github")).toBe("400 invalid_target");
    expect(await ask({}, issues, "nobody")).toBe("400 invalid_target");
    expect(await ask({}, issues, "no body")).toBe("400 invalid_target");
    expect(await ask({ requested_token_type: "urn:ietf:params:oauth:token-type:jwt" })).toBe("400 invalid_request");
    expect(await ask({ subject_token_type: "urn:x" })).toBe("400 invalid_request");
    expect(await ask({ actor_token: "x" })).toBe("400 invalid_request");
    expect(await ask({}, { ...issues, secret: githubIssues.secret })).toBe("401 invalid_client");
    expect(await ask({}, { ...issues, secret: "x" })).toBe("401 invalid_client");
    expect((await exchange(gatehouse, issues, tokens.access_token, "openid")).status).toBe(200);
  });

  test("L5 a caller whose scopes need no account gets none, and neither does an inactive token", async () => {
    const { browser } = await newPerson();
    const { tokens, client } = await grantLinked(gatehouse, browser, issues, { login: "narrow" });
    const timed = await grantTokens(gatehouse, browser, client, { resource: issues.uri, scope: "time:read" });
    expect(await errorOf(await exchange(gatehouse, issues, timed.access_token, "openid"))).toBe("400 invalid_target");
    await gatehouse.moveClock(3700);
    expect(await errorOf(await exchange(gatehouse, issues, tokens.access_token, "openid"))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
  });

  test("L5 an exchange costs one round trip to the database, and none to Redis", async () => {
    const { browser } = await newPerson();
    const { tokens } = await grantLinked(gatehouse, browser, issues, { login: "cheap" });
    const { neon, upstash } = gatehouse.services;
    neon.reset();
    upstash.reset();
    expect((await exchange(gatehouse, issues, tokens.access_token, "openid")).status).toBe(200);
    expect([neon.requests(), upstash.requests()]).toEqual([1, 0]);
    neon.reset();
    expect((await exchange(gatehouse, issues, "gtha_junk", "openid", { audience: "openid" })).status).toBe(400);
    expect((await exchange(gatehouse, { ...issues, secret: "x" }, "x", "openid")).status).toBe(401);
    expect(neon.requests()).toBeLessThanOrEqual(1);
  });
});

describe("L6 a link to the page of an account", () => {
  test("L6 works for nobody else, and not without a session", async () => {
    const [one, other] = [await newPerson(), await newPerson()];
    const client = await registerClient(gatehouse);
    const { url } = await authorizationRequest(gatehouse, client, { resource: issues.uri });
    const ask = await one.browser.submit(await one.browser.open(url), "/consent", { decision: "allow" });
    const foreign = await other.browser.open(ask.url);
    expect([foreign.status, foreign.html.querySelectorAll("form").length]).toEqual([403, 0]);
    expect((await createHeadlessBrowser().open(ask.url)).url.pathname).toBe("/login");
    for (const action of [ask.url.pathname, `${ask.url.pathname}/skip`]) {
      expect((await sendForm(other.browser, issuer + action)).status).toBe(403);
    }
  });

  test("L6 lets a person whose sign-in has ended sign in and come back", async () => {
    const { person, browser } = await newPerson();
    const { url } = await authorizationRequest(gatehouse, await registerClient(gatehouse), { resource: issues.uri });
    const ask = await browser.submit(await browser.open(url), "/consent", { decision: "allow" });
    await gatehouse.owner.db.run(sql`delete from sessions where user_id = ${person.id} returning true`);
    const login = await browser.submit(ask, ask.url.pathname, {});
    expect(login.url.pathname).toBe("/login");
    const { email, password } = person;
    expect((await browser.submit(login, "/login", { email, password })).url.pathname).toBe(ask.url.pathname);
  });

  test("L6 works once, and for ten minutes", async () => {
    const { browser } = await newPerson();
    const { tokens } = await grantLinked(gatehouse, browser, issues, { login: "once", scope: "issues:read" });
    const client = await registerClient(gatehouse);
    const asked = { resource: issues.uri, scope: "issues:write" };
    const consent = async () =>
      browser.submit(await browser.open((await authorizationRequest(gatehouse, client, asked)).url), "/consent", {
        decision: "allow",
      });
    const late = await consent();
    await gatehouse.moveClock(601);
    expect((await browser.open(late.url)).status).toBe(400);
    await gatehouse.moveClock(0);
    const ask = await consent();
    await browser.open(await connectThere(browser, ask, "once"));
    expect((await browser.open(ask.url)).status).toBe(400);
    expect((await browser.open(`${issuer}/connect/junk`)).status).toBe(400);
    expect(tokens.access_token).toBeTruthy();
  });
});
