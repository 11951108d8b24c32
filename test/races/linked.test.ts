import { setTimeout } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { readVaultStatus, rewrapBatch } from "../../src/flows/vault.ts";
import { createKeyWrapper } from "../../src/lib/key-wrapper.ts";
import { disableUser, enableUser } from "../../src/store/user-status.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { type AccountToken, addIssuesServer, answerOf, exchange, grantLinked } from "../support/linked.ts";
import { refresh, revoke, type Tokens } from "../support/oauth-client.ts";
import { addGitHub } from "../support/providers.ts";
import { pauseAt, ROUNDS } from "../support/races.ts";
import { operator } from "../support/store-fixture.ts";

const NEXT_KEY = "the key that takes the place of the one before, 0123456789";
const EIGHT_HOURS = 8 * 3600;
const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;
const github = await addGitHub(gatehouse, { rotating: true });
const issues = await addIssuesServer(gatehouse, "github");
// Isolates know of each other only through the database, and a deployment has many.
const isolates = [issuer, await gatehouse.startAnother()];
const rotating = await gatehouse.startAnother({ VAULT_KEY: NEXT_KEY, VAULT_KEY_PREVIOUS: gatehouse.vaultKey });
/** Each round takes a person through consent. */
const TURNS = Math.ceil(ROUNDS / 6);
const ROOM = { timeout: 600_000 };

beforeAll(() => {
  github.controls.latency = 20;
});

async function moveClocks(seconds: number): Promise<void> {
  for (const each of [...isolates, rotating])
    await fetch(`${each}/__clock`, { method: "POST", body: String(seconds * 1000) });
}

let people = 0;
/** Somebody who has linked an account, and a function that asks for its token. With `ended`, the token has expired. */
async function link({ ended = true, at = isolates } = {}) {
  await moveClocks(0);
  const login = `racer-${people++}`;
  const person = await gatehouse.addPerson();
  const browser = await gatehouse.signedInBrowser(person);
  const { client, tokens } = await grantLinked(gatehouse, browser, issues, { login });
  await moveClocks(ended ? EIGHT_HOURS + 1 : 0);
  const current = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens;
  let turn = 0;
  const ask = async (): Promise<AccountToken & { readonly status: number }> => {
    const response = await exchange(
      { ...gatehouse, issuer: at[turn++ % at.length] ?? "" },
      issues,
      current.access_token,
      "github",
    );
    return { status: response.status, ...(await answerOf(response)) };
  };
  const end = () => revoke(gatehouse, client, current.refresh_token);
  return { login, person, browser, ask, end };
}

type Linked = Awaited<ReturnType<typeof link>>;

/** Many requests at random times within a moment, while something else is done. Returns what they got. */
async function askWhile({ ask }: Linked, work: () => Promise<unknown>, count = 20) {
  const sometime = async <T>(act: () => Promise<T>) => {
    await setTimeout(Math.random() * 60);
    return act();
  };
  const [answers] = await Promise.all([
    Promise.all(Array.from({ length: count }, () => sometime(ask))),
    sometime(work),
  ]);
  return answers;
}

async function unlink(browser: HeadlessBrowser): Promise<void> {
  const page = await browser.open(`${issuer}/account/linked`);
  const action = page.html.querySelector("form[action$=unlink]")?.getAttribute("action") ?? "";
  await browser.submit(page, new URL(action).pathname, {});
}

const refreshes = () => github.controls.asked("/login/oauth/access_token", ["grant_type", "refresh_token"]);
const given = (answers: readonly AccountToken[]) => answers.flatMap(({ access_token }) => access_token ?? []);

describe.each(["nowhere", "linked_accounts", "account_grants"] as const)(
  "races of exchanges, sleeping at %s",
  (pause) => {
    beforeAll(() => pauseAt(owner.db, pause));

    test(`L10 50 exchanges in two isolates cost one refresh of an expired token (${TURNS} rounds)`, ROOM, async () => {
      for (let round = 0; round < TURNS; round++) {
        const linked = await link();
        const before = refreshes();
        const answers = await askWhile(linked, async () => {}, 50);
        expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
        expect(refreshes() - before).toBe(1);
        expect(new Set(given(answers)).size).toBe(1);
        expect(github.isLive(given(answers)[0] ?? "")).toBe(true);
      }
    });

    test(
      `L10 an account that is unlinked meanwhile leaves no token here or at the provider (${TURNS} rounds)`,
      ROOM,
      async () => {
        for (let round = 0; round < TURNS; round++) {
          const linked = await link({ ended: round % 2 === 0 });
          const answers = await askWhile(linked, () => unlink(linked.browser));
          expect((await linked.ask()).error).toBe("interaction_required");
          expect(answers.filter(({ status }) => ![200, 400, 503].includes(status))).toEqual([]);
          for (const token of given(answers)) await expect.poll(() => github.isLive(token)).toBe(false);
          expect(await owner.db.read(sql`select id from linked_accounts where label = ${linked.login}`)).toEqual([]);
        }
      },
    );

    test(
      `L10 no exchange succeeds that begins after its connection or its person has ended (${TURNS} rounds)`,
      ROOM,
      async () => {
        for (let round = 0; round < TURNS; round++) {
          const linked = await link({ ended: round % 2 === 0 });
          const { email } = linked.person;
          const end = round % 4 < 2 ? linked.end : () => disableUser(owner.db, email, operator());
          const answers = await askWhile(linked, async () => {
            await end();
            expect((await linked.ask()).error).toBe("invalid_grant");
          });
          expect(answers.filter(({ status }) => ![200, 400].includes(status))).toEqual([]);
          expect((await linked.ask()).error).toBe("invalid_grant");
          await enableUser(owner.db, email, operator());
          expect((await linked.ask()).error).toBe("invalid_grant");
          const [account] = await owner.db.read(sql`select state from linked_accounts where label = ${linked.login}`);
          expect(account).toEqual({ state: "good" });
        }
      },
    );
  },
);

describe("races of exchanges against a rotation of the vault's key", () => {
  test(`L2 every exchange is answered, and all is then sealed under the new key (${TURNS} rounds)`, ROOM, async () => {
    const both = createKeyWrapper([NEXT_KEY, gatehouse.vaultKey]);
    await pauseAt(owner.db, "linked_accounts");
    for (let round = 0; round < TURNS; round++) {
      const linked = await link({ ended: round % 2 === 0, at: [rotating] });
      const answers = await askWhile(linked, () => rewrapBatch({ db: owner.db, vault: both }));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      await rewrapBatch({ db: owner.db, vault: both });
      const { current, versions } = await readVaultStatus({ db: owner.db, vault: both });
      expect(versions.map(({ keyVersion }) => keyVersion)).toEqual([current]);
      expect((await linked.ask()).status).toBe(200);
      // For the next person, who links with the Worker that has only the old key.
      const back = { ...both, wrap: owner.vault.wrap };
      while ((await rewrapBatch({ db: owner.db, vault: back })).rewrapped > 0);
    }
  });
});
