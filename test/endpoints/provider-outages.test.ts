import { afterEach, describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import type { StandInAnswer } from "../../src/dev/providers/stand-in.ts";
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
import { introspect, refresh } from "../support/oauth-client.ts";
import { addGitHub, readProviderFailures } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const github = await addGitHub(gatehouse, { rotating: true, signsIn: true, joining: ["org:acme"] });
const issues = await addIssuesServer(gatehouse, "github");
const [TOKEN, USER, EIGHT_HOURS] = ["/login/oauth/access_token", "/api/v3/user", 8 * 3600];
const EMAILS = "/api/v3/user/emails";
const MEMBERSHIP = "/api/v3/user/memberships/orgs/acme";
const ACTIVE = jsonAnswer({ state: "active" });

afterEach(async () => {
  github.controls.fault = null;
  await gatehouse.moveClock(0);
});

/** The address to which GitHub sends somebody back after a sign-in there. */
async function signInThere(browser: HeadlessBrowser, login: string): Promise<URL> {
  const sent = await browser.submit(await browser.open(`${issuer}/login`), "/login/provider/github", {});
  return answerThere(browser, sent.left, login);
}

const at = (endpoint: string, rows: readonly Broken[]) =>
  rows.map(([title, answer]) => [endpoint, title, answer] as const);

describe("L9 signing in at a provider that is broken", () => {
  test.each([...at(TOKEN, [...BROKEN_ANSWERS, ...BROKEN_TOKENS]), ...at(USER, BROKEN_ANSWERS)])(
    "L9 if %s answers with %s, a page says so, no session begins, and another attempt signs in",
    async (endpoint, title, answer) => {
      const login = `${endpoint.length}-${title.replaceAll(" ", "-")}`;
      github.people.set(login, { id: 5000 + github.people.size, login, emails: [], memberOf: ["acme"] });
      const browser = createHeadlessBrowser();
      const back = await signInThere(browser, login);
      const before = await readProviderFailures(gatehouse);
      // The user endpoint accepts any token, so that only the answer is wrong.
      const person = jsonAnswer({ id: 9, login: "x" });
      const others: Record<string, StandInAnswer> = {
        [USER]: person,
        [MEMBERSHIP]: ACTIVE,
        [EMAILS]: jsonAnswer([]),
        [INSIDE]: answerInside,
      };
      github.controls.fault = (path) => (path === endpoint ? answer : (others[path] ?? null));
      const page = await browser.open(back);
      github.controls.fault = null;
      expect([page.status, page.html.textContent]).toEqual([503, expect.stringContaining("Nothing has changed here")]);
      expect((await browser.open(`${issuer}/account`)).url.pathname).toBe("/login");
      expect(github.controls.asked(INSIDE)).toBe(0);
      await expect.poll(() => readProviderFailures(gatehouse)).toBe(before + 1);
      expect((await browser.open(await signInThere(browser, login))).url.pathname).toBe("/account");
    },
  );
});

test("L9 if the provider doesn't say whether a person belongs to a group, the page doesn't say that they don't", async () => {
  github.people.set("belongs", { id: 6000, login: "belongs", emails: [], memberOf: ["acme"] });
  const browser = createHeadlessBrowser();
  const back = await signInThere(browser, "belongs");
  const before = await readProviderFailures(gatehouse);
  github.controls.fault = (path) => (path === MEMBERSHIP ? { status: 500, body: "broken" } : null);
  const page = await browser.open(back);
  github.controls.fault = null;
  expect([page.status, page.html.textContent]).toEqual([503, expect.stringContaining("Nothing has changed here")]);
  await expect.poll(() => readProviderFailures(gatehouse)).toBe(before + 1);
  expect((await browser.open(await signInThere(browser, "belongs"))).url.pathname).toBe("/account");
});

describe("L10 refreshing at a provider that is broken", () => {
  test.each([...BROKEN_ANSWERS, ...BROKEN_TOKENS])(
    "L10 if it answers with %s, the answer is 503, the connection continues, nothing is written, and another attempt works",
    async (title, answer) => {
      const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
      const { client, tokens } = await grantLinked(gatehouse, browser, issues, { login: title });
      await gatehouse.moveClock(EIGHT_HOURS + 1);
      const refreshed = await refresh(gatehouse, client, tokens.refresh_token);
      const { access_token } = (await refreshed.json()) as { access_token: string };
      const before = await readProviderFailures(gatehouse);
      github.controls.fault = (path) => (path === TOKEN ? answer : path === INSIDE ? answerInside : null);
      const refused = await exchange(gatehouse, issues, access_token, "github");
      expect([refused.status, (await answerOf(refused)).error]).toEqual([503, "temporarily_unavailable"]);
      expect(github.controls.asked(INSIDE)).toBe(0);
      await expect.poll(() => readProviderFailures(gatehouse)).toBe(before + 1);
      const about = await introspect({ ...gatehouse, resource: issues }, access_token);
      expect(await about.json()).toMatchObject({ active: true });
      github.controls.fault = null;
      const given = await answerOf(await exchange(gatehouse, issues, access_token, "github"));
      expect(github.isLive(given.access_token)).toBe(true);
    },
  );
});
