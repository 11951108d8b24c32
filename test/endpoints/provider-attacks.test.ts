import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { bytea } from "../../src/store/sql.ts";
import {
  answerInside,
  BROKEN_ANSWERS,
  BROKEN_TOKENS,
  type Broken,
  INSIDE,
  jsonAnswer,
} from "../support/broken-answers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, answerThere, exchange, grantLinked } from "../support/linked.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { addGitHub, addOpenid, addProviderOrThrow, readProviderFailures } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const openid = await addOpenid(gatehouse, { signsIn: true, joining: ["domain:example.com"] });
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "openid");
const githubIssues = await addIssuesServer(gatehouse, "github");

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
  test("L9 accepts a state once, even if several come at once, and asks the provider once", async () => {
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

  test("L9 refuses a state of another browser, without a session, of another provider, and after ten minutes", async () => {
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

  test("RFC 9207 §2.4 an answer that names another issuer, or omits it although the provider always names it, is refused", async () => {
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

  test("L9 two providers with one issuer are distinguished by their redirect URIs", async () => {
    const { url, clientId, clientSecret } = openid;
    await addProviderOrThrow(gatehouse, { slug: "twin", issuer: url, clientId, clientSecret, signsIn: true });
    const browser = await newBrowser();
    const { back } = await onTheWay(browser, "twins");
    const page = await browser.open(new URL(back.href.replace("/callback/openid", "/callback/twin")));
    expect(page.status).toBe(400);
    expect(await accounts(browser)).toBe(0);
  });

  test("L9 a sign-in that comes back after ten minutes signs nobody in, and the provider isn't asked", async () => {
    const browser = createHeadlessBrowser();
    const sent = await browser.submit(await browser.open(`${issuer}/login`), "/login/provider/openid", {});
    const back = await answerThere(browser, sent.left, "late");
    const before = openid.controls.asked("/token");
    await gatehouse.moveClock(601);
    expect((await browser.open(back)).status).toBe(400);
    await gatehouse.moveClock(0);
    expect(openid.controls.asked("/token")).toBe(before);
  });

  test("L9 a session that has ended meanwhile links nothing, and the provider isn't asked", async () => {
    const browser = await newBrowser();
    const { back } = await onTheWay(browser, "ended");
    const before = openid.controls.asked("/token");
    const digest = await sha256(browser.cookies.get("gatehouse_session") ?? "");
    await gatehouse.owner.db.run(sql`delete from sessions where digest = ${bytea(digest)} returning true`);
    expect((await browser.open(back)).status).toBe(403);
    expect(openid.controls.asked("/token")).toBe(before);
    expect(await gatehouse.owner.db.read(sql`select id from linked_accounts where label like 'ended%'`)).toEqual([]);
  });

  test("L9 a person who signs out meanwhile is not signed in by the answer", async () => {
    const browser = await newBrowser();
    const { back } = await onTheWay(browser, "gone");
    await browser.submit(await browser.open(`${issuer}/account`), "/logout", {});
    expect((await browser.open(back)).status).toBe(400);
  });
});

describe("L9 a broken or hostile provider", () => {
  const [ENDPOINT, USER] = ["/login/oauth/access_token", "/api/v3/user"];

  test.each<readonly [string, Broken[1] | "lost"]>([
    ...BROKEN_ANSWERS,
    ...BROKEN_TOKENS,
    ["an answer that gets lost", "lost"],
    [
      "an unrequested scope",
      jsonAnswer({ access_token: "gho_x", token_type: "bearer", scope: "read:issues,write:issues" }),
    ],
  ])("L9 if it answers with %s, a page says so, nothing is half done, and another attempt works", async (_, fault) => {
    const browser = await newBrowser();
    const { ask, back } = await onTheWay(browser, "patient", githubIssues);
    const before = await readProviderFailures(gatehouse);
    // The user endpoint answers, so that only the token endpoint is wrong.
    github.controls.fault = (path) =>
      path === ENDPOINT ? fault : path === USER || path === INSIDE ? answerInside : null;
    const page = await browser.open(back);
    github.controls.fault = null;
    expect([page.status, page.html.textContent]).toEqual([503, expect.stringContaining("Nothing has changed here")]);
    expect([await accounts(browser), github.controls.asked(INSIDE)]).toEqual([0, 0]);
    await expect.poll(() => readProviderFailures(gatehouse)).toBe(before + 1);
    const again = await browser.submit(await browser.open(ask.url), ask.url.pathname, {});
    const done = await browser.open(await answerThere(browser, again.left, "patient"));
    expect(done.left?.searchParams.has("code")).toBe(true);
    expect(await accounts(browser)).toBe(1);
  });

  test("L9 if it grants less than it was asked for, the exchange says what is missing", async () => {
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
