import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { createHeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, answerThere, exchange } from "../support/linked.ts";
import { authorizationRequest, redeem, registerClient } from "../support/oauth-client.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";
import { pauseAt, ROUNDS } from "../support/races.ts";

const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;
const rules = { signsIn: true, joining: ["invited", "domain:members.example"] };
const openid = await addOpenid(gatehouse, rules);
const other = await addOpenid(gatehouse, { ...rules, slug: "other" });
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "github");
const TURNS = Math.ceil(ROUNDS / 6);
const ROOM = { timeout: 600_000 };

let people = 0;
const newName = () => `racer${people++}`;

/** A browser that is about to come back from a provider, to sign in. */
async function onTheWay(login: string, slug = "openid"): Promise<() => Promise<Page>> {
  const browser = createHeadlessBrowser();
  const sent = await browser.submit(await browser.open(`${issuer}/login`), `/login/provider/${slug}`, {});
  const back = await answerThere(browser, sent.left, login);
  return () => browser.open(back);
}

const together = async (ways: readonly (() => Promise<Page>)[]): Promise<Page[]> =>
  Promise.all(ways.map((come) => come()));
const signedIn = (pages: readonly Page[]) => pages.filter(({ url }) => url.pathname === "/account");
const usersOf = (email: string) => owner.db.read(sql`select role from users where email = ${email}`);
const identitiesOf = (email: string) =>
  owner.db.read(sql`select i.id from identities i join users u on u.id = i.user_id where u.email = ${email}`);

describe.each(["nowhere", "users", "identities", "provider_states"] as const)(
  "races of joining, sleeping at %s",
  (pause) => {
    beforeAll(() => pauseAt(owner.db, pause));

    test(
      `L8 one new identity that comes three times at once makes one member, who is signed in three times (${TURNS} rounds)`,
      ROOM,
      async () => {
        for (let round = 0; round < TURNS; round++) {
          const [name, email] = [newName(), `${people}@members.example`];
          openid.people.set(name, { email, email_verified: true });
          const pages = await together(await Promise.all([1, 2, 3].map(() => onTheWay(name))));
          expect(signedIn(pages)).toHaveLength(3);
          expect([await usersOf(email), await identitiesOf(email)]).toEqual([
            [{ role: "member" }],
            [expect.anything()],
          ]);
        }
      },
    );

    test(
      `L8 of two identities that come with one address at once, one joins, and the other is told so (${TURNS} rounds)`,
      ROOM,
      async () => {
        for (let round = 0; round < TURNS; round++) {
          const [name, email] = [newName(), `${people}@members.example`];
          openid.people.set(name, { email, email_verified: true });
          other.people.set(name, { email, email_verified: true });
          const pages = await together([await onTheWay(name), await onTheWay(name, "other")]);
          expect(signedIn(pages)).toHaveLength(1);
          expect(pages.filter(({ status }) => status === 403)).toHaveLength(1);
          expect([await usersOf(email), await identitiesOf(email)]).toEqual([
            [{ role: "member" }],
            [expect.anything()],
          ]);
        }
      },
    );

    test(`L8 an invitation that two identities accept at once makes one owner (${TURNS} rounds)`, ROOM, async () => {
      for (let round = 0; round < TURNS; round++) {
        const [name, email] = [newName(), `${people}@elsewhere.example`];
        await createSetupLink(owner, issuer, { kind: "invitation", role: "owner", email });
        openid.people.set(name, { email, email_verified: true });
        other.people.set(name, { email, email_verified: true });
        const pages = await together([await onTheWay(name), await onTheWay(name, "other")]);
        expect(signedIn(pages)).toHaveLength(1);
        expect(await usersOf(email)).toEqual([{ role: "owner" }]);
      }
    });

    test(`L9 a callback that arrives five times at once is accepted once (${TURNS} rounds)`, ROOM, async () => {
      for (let round = 0; round < TURNS; round++) {
        const [name, email] = [newName(), `${people}@members.example`];
        openid.people.set(name, { email, email_verified: true });
        const come = await onTheWay(name);
        const before = openid.controls.asked("/token");
        const pages = await together([come, come, come, come, come]);
        expect(openid.controls.asked("/token") - before).toBe(1);
        expect(pages.filter(({ status }) => status === 400)).toHaveLength(4);
        expect(await identitiesOf(email)).toHaveLength(1);
      }
    });
  },
);

describe.each(["nowhere", "linked_accounts", "account_grants", "provider_states"] as const)(
  "races of linking, sleeping at %s",
  (pause) => {
    beforeAll(() => pauseAt(owner.db, pause));

    test(`L4 the callbacks of two apps at once make one account that works (${TURNS} rounds)`, ROOM, async () => {
      for (let round = 0; round < TURNS; round++) {
        const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
        const login = newName();
        const begin = async () => {
          const client = await registerClient(gatehouse);
          const { url, verifier } = await authorizationRequest(gatehouse, client, { resource: issues.uri });
          const ask = await browser.submit(await browser.open(url), "/consent", { decision: "allow" });
          const sent = await browser.submit(ask, ask.url.pathname, {});
          return { client, verifier, back: await answerThere(browser, sent.left, login) };
        };
        const begun = [await begin(), await begin()];
        const pages = await Promise.all(begun.map(({ back }) => browser.open(back)));
        expect(await owner.db.read(sql`select id from linked_accounts where label = ${login}`)).toHaveLength(1);
        for (const [n, { client, verifier }] of begun.entries()) {
          const code = pages[n]?.left?.searchParams.get("code") ?? "";
          const redeemed = await redeem(gatehouse, client, {
            code,
            verifier,
            redirectUri: client.redirect_uris[0] ?? "",
          });
          const { access_token = "" } = (await redeemed.json()) as { access_token?: string };
          const { access_token: given = "" } = await answerOf(
            await exchange(gatehouse, issues, access_token, "github"),
          );
          expect(github.isLive(given)).toBe(true);
        }
      }
    });
  },
);
