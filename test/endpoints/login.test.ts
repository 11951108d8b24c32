import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { hashPassword, PASSWORD_COST } from "../../src/lib/password.ts";
import { askAtOnce, expectAdmitted } from "../support/at-once.ts";
import { PASSWORD, startGatehouse } from "../support/gatehouse.ts";
import { csrfOf } from "../support/pages.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;

async function attempt(
  email: string,
  password: string,
  browser: HeadlessBrowser = createHeadlessBrowser(),
): Promise<Page> {
  return browser.submit(await browser.open(`${issuer}/login`), "/login", { email, password });
}
const isSignedIn = (page: Page) => page.url.pathname === "/account";

async function fail(email: string, times: number, browser?: HeadlessBrowser): Promise<number[]> {
  const statuses = [];
  for (let n = 0; n < times; n++) statuses.push((await attempt(email, "wrong", browser)).status);
  return statuses;
}

describe("signing in by password", () => {
  test("People: the address is accepted in any case, and with spaces around it", async () => {
    const { email } = await gatehouse.addPerson();
    expect(isSignedIn(await attempt(`  ${email.toUpperCase()} `, PASSWORD))).toBe(true);
  });

  test("P2 an unknown account, a wrong password, no password and a disabled account get the same answer", async () => {
    const { email } = await gatehouse.addPerson();
    const bare = await gatehouse.addPerson();
    await owner.db.run(sql`update users set password_hash = null where email = ${bare.email}`);
    const disabled = await gatehouse.addPerson();
    await owner.db.run(sql`update users set disabled_at = now() where email = ${disabled.email}`);
    const pages = [
      await attempt(email, "Wrong password 1"),
      await attempt("nobody@example.com", PASSWORD),
      await attempt(bare.email, PASSWORD),
      await attempt(disabled.email, PASSWORD),
      await attempt(email, ""),
      await attempt("", ""),
      await attempt(email, "x".repeat(5000)),
    ];
    for (const page of pages) {
      expect(page.status).toBe(400);
      expect(page.html.querySelector("#problem")?.textContent.trim()).toBe("Wrong email address or password.");
      expect(page.html.querySelector("#email")?.getAttribute("aria-describedby")).toBe("problem");
    }
  });

  test("P3 a hash with outdated parameters is upgraded at the sign-in", async () => {
    const { email } = await gatehouse.addPerson();
    const { scrypt } = await import("node:crypto");
    const salt = Buffer.alloc(16, 7);
    const hash = await new Promise<Buffer>((resolve, reject) =>
      scrypt(PASSWORD, salt, 32, { N: 1024, r: 8, p: 1 }, (error, key) => (error ? reject(error) : resolve(key))),
    );
    const old = `$scrypt$ln=10,r=8,p=1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
    await owner.db.run(sql`update users set password_hash = ${old} where email = ${email}`);
    expect(isSignedIn(await attempt(email, PASSWORD))).toBe(true);
    const [row] = await owner.db.read<{ hash: string }>(
      sql`select password_hash as hash from users where email = ${email}`,
    );
    const { logN, r, p } = PASSWORD_COST;
    expect(row?.hash.split("$").slice(1, 3)).toEqual(["scrypt", `ln=${logN},r=${r},p=${p}`]);
    expect(isSignedIn(await attempt(email, PASSWORD))).toBe(true);
  });

  test("People: a session ends after 12 h without use, and after 30 days in any case", async () => {
    const hour = 3600;
    const isKnown = async (browser: HeadlessBrowser) =>
      (await browser.open(`${issuer}/account`)).url.pathname === "/account";
    const busy = await gatehouse.signInBrowser(await gatehouse.addPerson());
    for (let at = 11; at < 30 * 24; at += 11) {
      await gatehouse.moveClock(at * hour);
      expect(await isKnown(busy)).toBe(true);
    }
    await gatehouse.moveClock(30 * 24 * hour + 60);
    expect(await isKnown(busy)).toBe(false);
    await gatehouse.moveClock(0);
    const idle = await gatehouse.signInBrowser(await gatehouse.addPerson());
    await gatehouse.moveClock(12 * hour + 60);
    expect(await isKnown(idle)).toBe(false);
    await gatehouse.moveClock(0);
  });
});

describe("A8 session fixation", () => {
  test("A8 a planted session ends, and is not the one that a person is signed in with", async () => {
    const [attacker, victim] = [await gatehouse.addPerson(), await gatehouse.addPerson()];
    const planted = await gatehouse.signInBrowser(attacker);
    const browser = createHeadlessBrowser();
    for (const [name, value] of planted.cookies) browser.cookies.set(name, value);
    const login = await browser.open(`${issuer}/login`);
    expect((await browser.submit(login, "/login", victim)).html.textContent).toContain(victim.email);
    expect(browser.cookies.get("gatehouse_session")).not.toBe(planted.cookies.get("gatehouse_session"));
    expect((await planted.open(`${issuer}/account`)).url.pathname).toBe("/login");
  });

  test("A8 a planted nonce gives its owner no form of the person after the sign-in", async () => {
    const victim = await gatehouse.addPerson();
    const browser = createHeadlessBrowser();
    const stranger = createHeadlessBrowser();
    const page = await stranger.open(`${issuer}/login`);
    browser.cookies.set("gatehouse_nonce", stranger.cookies.get("gatehouse_nonce") ?? "");
    await browser.submit(await browser.open(`${issuer}/login`), "/login", victim);
    expect(browser.cookies.has("gatehouse_nonce")).toBe(false);
    const csrf = csrfOf(page);
    const account = await browser.open(`${issuer}/account`);
    expect((await browser.submit(account, "/logout", { csrf })).status).toBe(403);
  });
});

describe("P2 lockout", () => {
  test("P2 after 5 failures the right password is refused too, and the page says how long", async () => {
    const { email } = await gatehouse.addPerson();
    expect(await fail(email, 5)).toEqual([400, 400, 400, 400, 400]);
    const page = await attempt(email, PASSWORD);
    expect(page.status).toBe(429);
    expect(Number(page.headers.get("Retry-After"))).toBeGreaterThan(50);
    expect(Number(page.headers.get("Retry-After"))).toBeLessThanOrEqual(60);
    await gatehouse.moveClock(61);
    expect(isSignedIn(await attempt(email, PASSWORD))).toBe(true);
    await gatehouse.moveClock(0);
  });

  test("P2 the wait doubles with each failure after a lock, up to an hour, and a success resets it", {
    timeout: 90_000,
  }, async () => {
    const { email } = await gatehouse.addPerson();
    await fail(email, 5);
    let clock = 0;
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const locked = await attempt(email, PASSWORD);
      expect(Math.ceil(Number(locked.headers.get("Retry-After")) / 60)).toBe(minutes);
      clock += minutes * 60 + 1;
      await gatehouse.moveClock(clock);
      expect(await fail(email, 1)).toEqual([400]);
    }
    await gatehouse.moveClock(clock + 3601);
    expect(isSignedIn(await attempt(email, PASSWORD))).toBe(true);
    expect(await fail(email, 4)).toEqual([400, 400, 400, 400]);
    expect(isSignedIn(await attempt(email, PASSWORD))).toBe(true);
    await gatehouse.moveClock(0);
  });

  test("P2 of fifty parallel guesses, five are checked", { timeout: 90_000 }, async () => {
    const browser = createHeadlessBrowser();
    const page = await browser.open(`${issuer}/login`);
    const answers = await askAtOnce(50, async () => {
      const { email } = await gatehouse.addPerson();
      return () => browser.submit(page, "/login", { email, password: "wrong" });
    });
    expectAdmitted(5, answers);
  });

  test("P2 an unknown account is locked in the same way", async () => {
    expect(await fail("nobody-at-all@example.com", 7)).toEqual([400, 400, 400, 400, 400, 429, 429]);
  });

  test("P2 locking one account doesn't lock another", async () => {
    const [locked, free] = [await gatehouse.addPerson(), await gatehouse.addPerson()];
    await fail(locked.email, 6);
    expect(isSignedIn(await attempt(free.email, PASSWORD))).toBe(true);
  });

  test("People: a known browser is counted separately, so that strangers can't lock out its owner", async () => {
    const person = await gatehouse.addPerson();
    const known = await gatehouse.signInBrowser(person);
    expect(await fail(person.email, 6)).toEqual([400, 400, 400, 400, 400, 429]);
    expect(isSignedIn(await attempt(person.email, PASSWORD, known))).toBe(true);
    // It has a budget of its own, but not an unlimited one.
    expect(await fail(person.email, 6, known)).toEqual([400, 400, 400, 400, 400, 429]);
  });

  test("People: a known browser's cookie helps with no other account, and is void after a change of password", async () => {
    const [thief, victim] = [await gatehouse.addPerson(), await gatehouse.addPerson()];
    // Even if both changed their passwords at the same moment.
    await owner.db.run(
      sql`update users set password_changed_at = '2026-01-01' where email in (${thief.email}, ${victim.email})`,
    );
    const device = await gatehouse.signInBrowser(thief);
    await fail(victim.email, 5);
    expect((await attempt(victim.email, PASSWORD, device)).status).toBe(429);
    const own = await gatehouse.signInBrowser(await gatehouse.addPerson());
    expect(own.cookies.has("gatehouse_browser")).toBe(true);
    const changed = await gatehouse.addPerson();
    const before = await gatehouse.signInBrowser(changed);
    await owner.db.run(sql`
      update users set password_hash = ${await hashPassword("Another password 1")}, password_changed_at = now() + interval '1 second'
      where email = ${changed.email}`);
    await fail(changed.email, 5);
    expect((await attempt(changed.email, "Another password 1", before)).status).toBe(429);
  });

  test("Outages: a lock is recorded", async () => {
    const { id, email } = await gatehouse.addPerson();
    await fail(email, 5);
    const query = { name: "account_locked", email, clientId: null, days: null, before: null, limit: 10 };
    // The record is written after the answer.
    await expect.poll(() => readAuditEvents(owner, query)).toMatchObject({ events: [{ userId: id }] });
  });
});
