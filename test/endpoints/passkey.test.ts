import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { listPasskeys, updatePasskeyName } from "../../src/store/passkeys.ts";
import { askAtOnce } from "../support/at-once.ts";
import { createAuthenticator, createPasskey, passkeyOptions, usePasskey } from "../support/authenticator.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;

/** A person with a password and a passkey. */
async function addPersonWithPasskey() {
  const person = await gatehouse.addPerson();
  const browser = await gatehouse.signedInBrowser(person);
  const authenticator = createAuthenticator();
  await createPasskey(browser, await browser.open(`${issuer}/account/security`), "/account/passkeys", authenticator);
  return { person, browser, authenticator };
}

const openLogin = (browser = createHeadlessBrowser()) => browser.open(`${issuer}/login`);
const challengeOn = (page: Page) => page.html.querySelector('[name="challenge"]')?.getAttribute("value") ?? "";

describe("signing in by passkey", () => {
  test("a passkey signs in more than once, and is listed with its last use", async () => {
    const { authenticator } = await addPersonWithPasskey();
    for (let n = 0; n < 2; n++) {
      const browser = createHeadlessBrowser();
      expect((await usePasskey(browser, await openLogin(browser), authenticator)).url.pathname).toBe("/account");
      expect((await browser.open(`${issuer}/account/security`)).html.textContent).toContain("Last used just now");
    }
  });

  test("an assertion works once, even in the browser that made it", async () => {
    const { authenticator } = await addPersonWithPasskey();
    const browser = createHeadlessBrowser();
    const page = await openLogin(browser);
    const credential = authenticator.get(passkeyOptions(page, "/login/passkey"), issuer);
    const nonce = browser.cookies.get("gatehouse_nonce") ?? "";
    expect((await browser.submit(page, "/login/passkey", { credential })).url.pathname).toBe("/account");
    browser.cookies.clear();
    browser.cookies.set("gatehouse_nonce", nonce);
    expect((await browser.submit(page, "/login/passkey", { credential })).status).toBe(400);
    expect((await browser.open(`${issuer}/account`)).url.pathname).toBe("/login");
  });

  test("of twenty requests at once with one assertion, one signs in", async () => {
    const answers = await askAtOnce(20, async () => {
      const { authenticator } = await addPersonWithPasskey();
      const browser = createHeadlessBrowser();
      const page = await openLogin(browser);
      const credential = authenticator.get(passkeyOptions(page, "/login/passkey"), issuer);
      const nonce = browser.cookies.get("gatehouse_nonce") ?? "";
      return () => {
        const twin = createHeadlessBrowser();
        twin.cookies.set("gatehouse_nonce", nonce);
        return twin.submit(page, "/login/passkey", { credential });
      };
    });
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(answers.length - 1);
  });

  test("an assertion for another browser's page is refused, even with that page's challenge", async () => {
    const { authenticator } = await addPersonWithPasskey();
    const [victim, thief] = [createHeadlessBrowser(), createHeadlessBrowser()];
    const [page, own] = [await openLogin(victim), await openLogin(thief)];
    const credential = authenticator.get(passkeyOptions(page, "/login/passkey"), issuer);
    expect((await thief.submit(own, "/login/passkey", { credential })).status).toBe(400);
    expect((await thief.submit(own, "/login/passkey", { credential, challenge: challengeOn(page) })).status).toBe(400);
  });

  test("an assertion for another origin or relying party, or without user verification, is refused", async () => {
    const { authenticator } = await addPersonWithPasskey();
    const attempt = async (answer: (options: string) => string) => {
      const browser = createHeadlessBrowser();
      const page = await openLogin(browser);
      return (
        await browser.submit(page, "/login/passkey", { credential: answer(passkeyOptions(page, "/login/passkey")) })
      ).status;
    };
    expect(await attempt((options) => authenticator.get(options, "https://evil.example"))).toBe(400);
    expect(await attempt((options) => authenticator.get(options, issuer, { rpId: "evil.example" }))).toBe(400);
    expect(await attempt((options) => authenticator.get(options, issuer, { flags: 0x01 }))).toBe(400);
    expect(await attempt((options) => createAuthenticator().get(options, issuer))).toBe(400);
    expect(await attempt((options) => authenticator.get(options, issuer))).toBe(200);
  });

  test("a counter that goes backwards is refused, because it means that the key was copied", async () => {
    const { authenticator } = await addPersonWithPasskey();
    const sign = async () => {
      const browser = createHeadlessBrowser();
      return (await usePasskey(browser, await openLogin(browser), authenticator)).status;
    };
    authenticator.counter = 4_294_967_000;
    expect(await sign()).toBe(200);
    authenticator.counter = 5;
    expect(await sign()).toBe(400);
  });

  test.each([
    "",
    "x",
    "{}",
    '{"id":"x"}',
    `{"id":"${"A".repeat(3000)}"}`,
    "[[[[",
    '{"id":"x","rawId":"x","type":"public-key","response":{}}',
  ])("the text %s is refused as a credential", async (credential) => {
    const browser = createHeadlessBrowser();
    const page = await openLogin(browser);
    expect((await browser.submit(page, "/login/passkey", { credential })).status).toBe(400);
  });

  test("a disabled person's passkey signs nobody in", async () => {
    const { person, authenticator } = await addPersonWithPasskey();
    await setUserStatus(owner, person.email, "disable");
    const browser = createHeadlessBrowser();
    expect((await usePasskey(browser, await openLogin(browser), authenticator)).status).toBe(400);
  });

  test("a page that was open for a quarter of an hour says that it is too old", async () => {
    const { authenticator } = await addPersonWithPasskey();
    const browser = createHeadlessBrowser();
    const page = await openLogin(browser);
    await gatehouse.moveClock(901);
    const late = await usePasskey(browser, page, authenticator);
    expect(late.status).toBe(400);
    expect(late.html.textContent).toContain("open for too long");
    expect((await usePasskey(browser, late, authenticator)).status).toBe(200);
    await gatehouse.moveClock(0);
  });

  test("P2 a passkey signs in to a locked account", async () => {
    const { person, authenticator } = await addPersonWithPasskey();
    const stranger = createHeadlessBrowser();
    for (let n = 0; n < 6; n++)
      await stranger.submit(await openLogin(stranger), "/login", { email: person.email, password: "wrong" });
    const browser = createHeadlessBrowser();
    expect((await usePasskey(browser, await openLogin(browser), authenticator)).status).toBe(200);
  });
});

describe("adding and removing passkeys", () => {
  test("a passkey is made for one session and one person", async () => {
    const [mine, theirs] = [await addPersonWithPasskey(), await addPersonWithPasskey()];
    const page = await mine.browser.open(`${issuer}/account/security`);
    const other = await theirs.browser.open(`${issuer}/account/security`);
    const credential = createAuthenticator().create(passkeyOptions(page, "/account/passkeys"), issuer);
    const moved = await theirs.browser.submit(other, "/account/passkeys", { credential, challenge: challengeOn(page) });
    expect(moved.status).toBe(403);
    expect((await mine.browser.submit(page, "/account/passkeys", { credential })).status).toBe(200);
    expect((await mine.browser.submit(page, "/account/passkeys", { credential })).status).toBe(403);
  });

  test.each([
    ["", "bada5566-a7aa-401f-bd96-45619a55120d", "1Password"],
    ["", "fcb1bcb4-f370-078c-6993-bc24d0ae3fbe", "Ledger Nano X FIDO2 Authenticator"],
    ["My key", "bada5566-a7aa-401f-bd96-45619a55120d", "My key"],
    ["", "00000000-0000-0000-0000-000000000000", "Passkey"],
    ["", "12345678-1234-1234-1234-123456789abc", "Passkey"],
  ])("a passkey named %j with the AAGUID %s is listed as %s", async (name, aaguid, listed) => {
    const person = await gatehouse.addPerson();
    const browser = await gatehouse.signedInBrowser(person);
    const page = await browser.open(`${issuer}/account/security`);
    const credential = createAuthenticator(aaguid).create(passkeyOptions(page, "/account/passkeys"), issuer);
    await browser.submit(page, "/account/passkeys", { credential, name });
    expect((await listPasskeys(owner.db, person.id)).map((passkey) => passkey.name)).toEqual([listed]);
  });

  test("a passkey that belongs to somebody else can't be taken over", async () => {
    const [mine, theirs] = [await addPersonWithPasskey(), await addPersonWithPasskey()];
    const page = await theirs.browser.open(`${issuer}/account/security`);
    expect((await createPasskey(theirs.browser, page, "/account/passkeys", mine.authenticator)).status).toBe(403);
    const browser = createHeadlessBrowser();
    const signedIn = await usePasskey(browser, await openLogin(browser), mine.authenticator);
    expect(signedIn.html.textContent).toContain(mine.person.email);
  });

  test("the last credential can't be removed, even by two removals at once", async () => {
    const { person, browser } = await addPersonWithPasskey();
    await createPasskey(
      browser,
      await browser.open(`${issuer}/account/security`),
      "/account/passkeys",
      createAuthenticator(),
    );
    await owner.db.run(sql`update users set password_hash = null where email = ${person.email}`);
    const page = await browser.open(`${issuer}/account/security`);
    const ids = page.html
      .querySelectorAll('.confirm [name="passkey"]')
      .map((input) => input.getAttribute("value") ?? "");
    expect(ids).toHaveLength(2);
    const statuses = await Promise.all(
      ids.map(async (passkey) => (await browser.submit(page, "/account/passkeys/remove", { passkey })).status),
    );
    expect(statuses.sort()).toEqual([200, 403]);
  });

  test("another person's passkey can't be removed", async () => {
    const [mine, theirs] = [await addPersonWithPasskey(), await addPersonWithPasskey()];
    const page = await theirs.browser.open(`${issuer}/account/security`);
    const answer = await theirs.browser.submit(page, "/account/passkeys/remove", {
      passkey: mine.authenticator.credentialId,
    });
    expect(answer.status).toBe(403);
    const browser = createHeadlessBrowser();
    expect((await usePasskey(browser, await openLogin(browser), mine.authenticator)).status).toBe(200);
  });

  test("a passkey is renamed by its person after a fresh sign-in, and its name is shown as text", async () => {
    const [mine, theirs] = [await addPersonWithPasskey(), await addPersonWithPasskey()];
    const rename = async ({ browser }: typeof mine, name: string, passkey = mine.authenticator.credentialId) =>
      browser.submit(await browser.open(`${issuer}/account/security`), "/account/passkeys/rename", { passkey, name });
    const names = async () => (await listPasskeys(owner.db, mine.person.id)).map(({ name }) => name);
    const [before = ""] = await names();
    expect((await rename(theirs, "Taken over")).status).toBe(403);
    expect((await rename(mine, "x", "nobody's")).status).toBe(403);
    for (const empty of ["", "  ", "\u00a0"]) expect((await rename(mine, empty)).status).toBe(400);
    expect(await names()).toEqual([before]);
    const renamed = await rename(mine, "  <b>Key</b> on the ring ");
    expect(renamed.html.textContent).toContain("Renamed.");
    expect(renamed.html.querySelector(".cards h3 bdi")?.textContent).toBe("<b>Key</b> on the ring");
    const page = await mine.browser.open(`${issuer}/account/security`);
    await gatehouse.moveClock(301);
    const stale = await mine.browser.submit(page, "/account/passkeys/rename", {
      passkey: mine.authenticator.credentialId,
      name: "Later",
    });
    expect(stale.url.pathname).toBe("/login");
    await gatehouse.moveClock(0);
    expect(await names()).toEqual(["<b>Key</b> on the ring"]);
  });

  test("a stale sign-in can't rename a passkey, because the statement checks again", async () => {
    const { person, browser, authenticator } = await addPersonWithPasskey();
    const digest = await sha256(browser.cookies.get("gatehouse_session") ?? "");
    const rename = (signedInSince: Date | null) => {
      const authority = { digest, idleSeconds: 3600, role: "member", signedInSince } as const;
      return updatePasskeyName(owner.db, authenticator.credentialId, "Renamed", { ...owner.actor, authority });
    };
    expect(await rename(new Date(Date.now() + 1000))).toBe(false);
    await setUserStatus(owner, person.email, "disable");
    expect(await rename(null)).toBe(false);
    await setUserStatus(owner, person.email, "enable");
    expect((await listPasskeys(owner.db, person.id)).map(({ name }) => name)).not.toContain("Renamed");
  });
});
