import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { BROKEN_ANSWERS, BROKEN_TOKENS, type Broken, jsonAnswer } from "../support/broken-answers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addHostile, HOSTILE_CLIENT } from "../support/hostile-provider.ts";
import { addIssuesServer, answerOf, answerThere, exchange, grantLinked } from "../support/linked.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { addGitHub, addOpenid, addProviderOrThrow } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const openid = await addOpenid(gatehouse, { signsIn: true, joining: ["domain:example.com"] });
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "openid");
const githubIssues = await addIssuesServer(gatehouse, "github");
const hostile = await addHostile(gatehouse, "hostile");

const newBrowser = async () => gatehouse.signedInBrowser(await gatehouse.addPerson());

/**
 * Halfway to linking an account: the page that asks, and the address to which the provider would send the browser back.
 */
async function onTheWay(browser: HeadlessBrowser, login: string, resource = issues) {
  const { url } = await authorizationRequest(gatehouse, await registerClient(gatehouse), { resource: resource.uri });
  const ask = await browser.submit(await browser.open(url), "/consent", { decision: "allow" });
  const sent = await browser.submit(ask, ask.url.pathname, {});
  return { ask, back: await answerThere(browser, sent.left, login) };
}

const accounts = async (browser: HeadlessBrowser): Promise<number> =>
  (await browser.open(`${issuer}/account/linked`)).html.querySelectorAll("form[action$=unlink]").length;

describe("L9 a callback", () => {
  test("L9 takes a state once, also of several at once, and asks the provider once", async () => {
    const browser = await newBrowser();
    const { back } = await onTheWay(browser, "once");
    const before = openid.controls.asked("/token");
    const pages = await Promise.all(Array.from({ length: 5 }, () => browser.open(back)));
    expect(pages.filter(({ left }) => left?.searchParams.has("code"))).toHaveLength(1);
    expect(pages.filter(({ status }) => status === 400)).toHaveLength(4);
    expect(openid.controls.asked("/token") - before).toBe(1);
    expect((await browser.open(back)).status).toBe(400);
    expect(await accounts(browser)).toBe(1);
  });

  test("L9 takes no state from another browser, without a session, of another provider, or that is ten minutes old", async () => {
    const [browser, other] = [await newBrowser(), await newBrowser()];
    const { back } = await onTheWay(browser, "mine");
    const elsewhere = new URL(back.href.replace("/callback/openid", "/callback/github"));
    const none = new URL(back);
    none.searchParams.delete("state");
    const twice = new URL(`${back.href}&state=x`);
    const before = openid.controls.asked("/token") + github.controls.asked("/login/oauth/access_token");
    expect((await other.open(back)).status).toBe(400);
    expect((await createHeadlessBrowser().open(back)).status).toBe(400);
    for (const url of [elsewhere, none, twice]) expect((await browser.open(url)).status).toBe(400);
    await gatehouse.moveClock(601);
    expect((await browser.open(back)).status).toBe(400);
    await gatehouse.moveClock(0);
    expect(openid.controls.asked("/token") + github.controls.asked("/login/oauth/access_token")).toBe(before);
    expect([await accounts(browser), await accounts(other)]).toEqual([0, 0]);
  });

  test("RFC 9207 §2.4 an answer that names another issuer, or none where the provider always does, is refused", async () => {
    for (const change of [
      (url: URL) => url.searchParams.set("iss", github.url),
      (url: URL) => url.searchParams.delete("iss"),
    ]) {
      const browser = await newBrowser();
      const { back } = await onTheWay(browser, "mixed");
      change(back);
      expect((await browser.open(back)).status).toBe(503);
      expect(await accounts(browser)).toBe(0);
    }
  });

  test("L9 two providers of one issuer are told apart by their addresses", async () => {
    const { url, clientId, clientSecret } = openid;
    await addProviderOrThrow(gatehouse, { slug: "twin", issuer: url, clientId, clientSecret, signsIn: true });
    const browser = await newBrowser();
    const { back } = await onTheWay(browser, "twins");
    const page = await browser.open(new URL(back.href.replace("/callback/openid", "/callback/twin")));
    expect(page.status).toBe(400);
    expect(await accounts(browser)).toBe(0);
  });

  test("L9 a link made for a sign-in opens no account, and the session of who signs out meanwhile is no session", async () => {
    const browser = await newBrowser();
    const { back } = await onTheWay(browser, "gone");
    await browser.submit(await browser.open(`${issuer}/account`), "/logout", {});
    expect((await browser.open(back)).status).toBe(400);
  });
});

describe("OpenID Connect Core §3.1.3.7 an ID token", () => {
  const claims = { sub: "victim", nonce: "" };
  const sign = (change: object = {}, { audience = HOSTILE_CLIENT.clientId, seconds = 60, iss = hostile.issuer } = {}) =>
    new SignJWT({ ...claims, nonce: hostile.nonce, ...change })
      .setProtectedHeader({ alg: "RS256", kid: "1" })
      .setIssuer(iss)
      .setAudience(audience)
      .setIssuedAt(Math.floor(Date.now() / 1000) + seconds - 60)
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds);

  /** Signs in at a provider that gives this ID token. Returns the status of the page. */
  async function signInWith(make: () => Promise<string> | string): Promise<number | string> {
    hostile.answer = async () => ({ access_token: "x", token_type: "bearer", expires_in: 60, id_token: await make() });
    const browser = createHeadlessBrowser();
    const sent = await browser.submit(await browser.open(`${issuer}/login`), "/login/provider/hostile", {});
    const { nonce = "", state = "" } = Object.fromEntries(sent.left?.searchParams ?? []);
    hostile.nonce = nonce;
    const page = await browser.open(`${issuer}/callback/hostile?${new URLSearchParams({ code: "x", state })}`);
    return page.url.pathname === "/account" ? "signed in" : page.status;
  }

  const unsigned = () =>
    new UnsecuredJWT({ ...claims, nonce: hostile.nonce })
      .setIssuer(hostile.issuer)
      .setAudience(HOSTILE_CLIENT.clientId)
      .setIssuedAt()
      .setExpirationTime("1m")
      .encode();
  const withKey = (key: string) =>
    new SignJWT({ ...claims, nonce: hostile.nonce })
      .setProtectedHeader({ alg: "HS256", kid: "1" })
      .setIssuer(hostile.issuer)
      .setAudience(HOSTILE_CLIENT.clientId)
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(key));
  async function tampered(): Promise<string> {
    const [header, , signature] = (await sign({ sub: "somebody" }).sign(hostile.privateKey)).split(".");
    const payload = (await sign().sign(hostile.privateKey)).split(".")[1];
    return [header, payload, signature].join(".");
  }

  test("that is right signs in", async () => {
    expect(await signInWith(() => sign().sign(hostile.privateKey))).toBe("signed in");
  });

  test.each<[string, () => Promise<string> | string]>([
    ["for another client", () => sign({}, { audience: "other" }).sign(hostile.privateKey)],
    ["of another issuer", () => sign({}, { iss: openid.url }).sign(hostile.privateKey)],
    ["that has expired", () => sign({}, { seconds: -3600 }).sign(hostile.privateKey)],
    ["without a nonce", () => sign({ nonce: undefined }).sign(hostile.privateKey)],
    ["with the nonce of another sign-in", () => sign({ nonce: "other" }).sign(hostile.privateKey)],
    ["without a signature (alg none)", unsigned],
    ["signed with the client secret (key confusion)", () => withKey(HOSTILE_CLIENT.clientSecret)],
    ["signed with the public key (key confusion)", () => withKey(JSON.stringify(hostile.jwk))],
    ["whose claims were changed", tampered],
    ["that is no token", () => "x.y.z"],
  ])("%s signs nobody in", async (_, make) => {
    expect(await signInWith(make)).toBe(503);
  });
});

describe("L9 a provider that is broken, or worse", () => {
  const [ENDPOINT, USER] = ["/login/oauth/access_token", "/api/v3/user"];

  test.each<readonly [string, Broken[1] | "lost"]>([
    ...BROKEN_ANSWERS,
    ...BROKEN_TOKENS,
    ["an answer that gets lost", "lost"],
    [
      "a scope that it was not asked for",
      jsonAnswer({ access_token: "gho_x", token_type: "bearer", scope: "read:issues,write:issues" }),
    ],
  ])("answers %s: a page that says so, nothing half-done, and another try works", async (_, fault) => {
    const browser = await newBrowser();
    const { ask, back } = await onTheWay(browser, "patient", githubIssues);
    // It says who somebody is, so that only the answer is wrong.
    github.controls.fault = (path) =>
      path === ENDPOINT ? fault : path === USER ? jsonAnswer({ id: 9, login: "x" }) : null;
    const page = await browser.open(back);
    github.controls.fault = null;
    expect([page.status, page.html.textContent]).toEqual([503, expect.stringContaining("Nothing has changed here")]);
    expect(await accounts(browser)).toBe(0);
    const again = await browser.submit(await browser.open(ask.url), ask.url.pathname, {});
    const done = await browser.open(await answerThere(browser, again.left, "patient"));
    expect(done.left?.searchParams.has("code")).toBe(true);
    expect(await accounts(browser)).toBe(1);
  });

  test("L9 one that grants less is taken at its word: the exchange says what is missing", async () => {
    const browser = await newBrowser();
    github.controls.fault = (path) =>
      path === ENDPOINT
        ? jsonAnswer({ access_token: "gho_less", token_type: "bearer", scope: "read:user" })
        : path === "/api/v3/user"
          ? jsonAnswer({ id: 9, login: "less" })
          : null;
    const { tokens } = await grantLinked(gatehouse, browser, githubIssues, { login: "less" });
    github.controls.fault = null;
    expect((await answerOf(await exchange(gatehouse, githubIssues, tokens.access_token, "github"))).error).toBe(
      "interaction_required",
    );
  });
});
