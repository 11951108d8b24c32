import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { readVaultStatus, rewrapBatch } from "../../src/flows/vault.ts";
import { createKeyWrapper } from "../../src/lib/key-wrapper.ts";
import { jsonAnswer } from "../support/broken-answers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, exchange, grantLinked, type LinkedGrant } from "../support/linked.ts";
import { introspect, refresh } from "../support/oauth-client.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";

const NEXT_KEY = "the key that takes the place of the one before, 0123456789";
const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;
const openid = await addOpenid(gatehouse);
const github = await addGitHub(gatehouse, { rotating: true });
const issues = await addIssuesServer(gatehouse, "github");
const openidIssues = await addIssuesServer(gatehouse, "openid");
const [TOKEN, EIGHT_HOURS] = ["/login/oauth/access_token", 8 * 3600];

async function link(login: string, server = issues) {
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  return { browser, ...(await grantLinked(gatehouse, browser, server, { login })) };
}

/** The connection's own tokens live an hour, so it is refreshed at the current clock. */
async function later({ client, tokens }: LinkedGrant, seconds: number): Promise<string> {
  await gatehouse.moveClock(seconds);
  return ((await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as { access_token: string })
    .access_token;
}

const ask = (token: string, server = issues, provider = "github") => exchange(gatehouse, server, token, provider);

afterEach(async () => {
  github.controls.fault = null;
  await gatehouse.moveClock(0);
});

describe("L10 refreshing at a provider", () => {
  test("L10 a scope that the provider adds at a refresh is ignored, because the person agreed to others", async () => {
    const linked = await link("grows");
    const token = await later(linked, EIGHT_HOURS + 60);
    github.controls.fault = (path) =>
      path === TOKEN
        ? jsonAnswer({ access_token: "gho_grown", token_type: "bearer", scope: "read:user,read:issues,admin:org" })
        : null;
    expect((await ask(token)).status).toBe(200);
    const [account] = await owner.db.read<{ scopes: string[] }>(sql`
      select scopes from linked_accounts where label = 'grows' or label like '%grows%'`);
    expect(account?.scopes).toContain("read:issues");
    expect(account?.scopes).not.toContain("admin:org");
  });

  test("L10 each refresh uses the refresh token that the previous one brought", async () => {
    const linked = await link("turns", openidIssues);
    let grant: LinkedGrant = linked;
    for (const seconds of [3700, 7500]) {
      await gatehouse.moveClock(seconds);
      const tokens = await (await refresh(gatehouse, grant.client, grant.tokens.refresh_token)).json();
      grant = { ...grant, tokens: tokens as LinkedGrant["tokens"] };
      const given = await answerOf(await ask(grant.tokens.access_token, openidIssues, "openid"));
      expect(await openid.isLive(given.access_token)).toBe(true);
    }
  });

  test("L10 during an outage the last good token is given while it is valid, and then the answer is 503, which ends nothing", async () => {
    const linked = await link("outage");
    const first = await later(linked, EIGHT_HOURS - 30);
    github.controls.fault = (path) => (path === TOKEN ? { status: 500, body: "broken" } : null);
    const kept = await answerOf(await ask(first));
    expect(kept.expires_in).toBeLessThanOrEqual(30);
    await gatehouse.moveClock(EIGHT_HOURS + 1);
    const refused = await ask(first);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([503, "5"]);
    github.controls.fault = null;
    expect((await ask(first)).status).toBe(200);
  });

  test("L10 an answer that fails once is requested once more", async () => {
    const linked = await link("once-more");
    const token = await later(linked, EIGHT_HOURS + 1);
    let failures = 0;
    github.controls.fault = (path) => (path === TOKEN && failures++ === 0 ? { status: 503, body: "" } : null);
    expect((await ask(token)).status).toBe(200);
    github.controls.fault = null;
  });

  test("L10 if the provider has ended the account, the person is told, the connection continues, and linking again helps", async () => {
    const linked = await link("ended");
    const token = await later(linked, EIGHT_HOURS + 1);
    // The answer is lost, and the refresh token is spent: GitHub doesn't accept it a second time.
    let losses = 0;
    github.controls.fault = (path) => (path === TOKEN && losses++ < 2 ? "lost" : null);
    const refused = await answerOf(await ask(token));
    github.controls.fault = null;
    expect(refused.error).toBe("interaction_required");
    expect((await linked.browser.open(`${issuer}/account/linked`)).html.textContent).toContain("Access ended");
    expect(
      ((await (await introspect({ ...gatehouse, resource: issues }, token)).json()) as { active: boolean }).active,
    ).toBe(true);
  });
});

describe("L1 the vault in the database", () => {
  test("L1 a row that is moved to another place doesn't open there, the answer is 503, and the log says so", async () => {
    const [one, other] = [await link("moved-1"), await link("moved-2")];
    await owner.db.run(sql`
      update linked_accounts l set sealed = o.sealed, wrapped_key = o.wrapped_key, key_version = o.key_version
      from linked_accounts o where l.label = 'moved-1' and o.label = 'moved-2' returning true`);
    expect((await ask(one.tokens.access_token)).status).toBe(503);
    expect((await ask(other.tokens.access_token)).status).toBe(200);
    expect((await introspect(gatehouse, one.tokens.access_token)).status).toBe(200);
    expect(gatehouse.logs.some(({ message }) => message.includes("a row does not open"))).toBe(true);
  });

  test("L2 keys rotate while servers exchange tokens, everything opens under the new key alone, and nobody has to sign in again", async () => {
    const { tokens } = await link("rotated");
    const { current, versions } = await readVaultStatus(owner);
    expect(versions.map(({ keyVersion }) => keyVersion)).toEqual([current]);
    const both = { ...owner.vault, wrap: createKeyWrapper([NEXT_KEY]).wrap };
    const racing = Promise.all(Array.from({ length: 10 }, () => ask(tokens.access_token)));
    const { stuck } = await rewrapBatch({ db: owner.db, vault: both });
    expect(stuck).toBe(0);
    expect((await racing).every(({ status }) => [200, 503].includes(status))).toBe(true);
    // The Worker has only the old key: the log names the version that is missing, and the connection is untouched.
    expect((await ask(tokens.access_token)).status).toBe(503);
    const { current: next } = await readVaultStatus({ db: owner.db, vault: both });
    expect(gatehouse.logs.some(({ message }) => message.includes(`the key of version ${next} is missing`))).toBe(true);
    const back = { ...createKeyWrapper([NEXT_KEY]), wrap: owner.vault.wrap };
    while ((await rewrapBatch({ db: owner.db, vault: back })).rewrapped > 0);
    expect((await ask(tokens.access_token)).status).toBe(200);
  });
});
