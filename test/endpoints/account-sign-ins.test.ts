import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;

describe("sign-ins", () => {
  test("a person sees all of their sign-ins, and can end one of them or all others", async () => {
    const person = await gatehouse.addPerson();
    const browsers = [];
    for (let n = 0; n < 4; n++) browsers.push(await gatehouse.signedInBrowser(person));
    const [here, ...others] = browsers as [(typeof browsers)[0], ...typeof browsers];
    const isIn = async (browser: typeof here) => (await browser.open(`${issuer}/account`)).url.pathname === "/account";
    const page = await here.open(`${issuer}/account/sessions`);
    expect(page.html.querySelectorAll(".cards article")).toHaveLength(4);
    const ids = page.html.querySelectorAll('.cards [name="session"]').map((input) => input.getAttribute("value") ?? "");
    await here.submit(page, "/account/sessions", { session: ids[0] ?? "" });
    expect((await Promise.all(others.map(isIn))).filter(Boolean)).toHaveLength(2);
    await here.submit(page, "/account/sessions", { session: "others" });
    expect(await Promise.all(browsers.map(isIn))).toEqual([true, false, false, false]);
  });

  test("a person can't end a sign-in of somebody else", async () => {
    const [mine, theirs] = [await gatehouse.addPerson(), await gatehouse.addPerson()];
    const browser = await gatehouse.signedInBrowser(mine);
    const [row] = await owner.db.read<{ id: string }>(sql`select id from sessions where user_id = ${mine.id}`);
    const thief = await gatehouse.signedInBrowser(theirs);
    await gatehouse.signedInBrowser(theirs);
    const page = await thief.open(`${issuer}/account/sessions`);
    await thief.submit(page, "/account/sessions", { session: row?.id ?? "" });
    await thief.submit(page, "/account/sessions", { session: "junk" });
    expect((await browser.open(`${issuer}/account`)).url.pathname).toBe("/account");
  });

  test("after a sign-in, a person returns to the page that they asked for, with its query", async () => {
    const person = await gatehouse.addPerson();
    const browser = createHeadlessBrowser();
    const login = await browser.open(`${issuer}/account?ended`);
    expect(login.url.pathname).toBe("/login");
    const back = await browser.submit(login, "/login", person);
    expect(back.html.querySelector("h1")?.textContent).toBe("Ended connections");
  });

  test("no parameter leads a person anywhere else", async () => {
    const person = await gatehouse.addPerson();
    for (const elsewhere of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
      const browser = createHeadlessBrowser();
      const query = new URLSearchParams({ continue: elsewhere, done: elsewhere });
      expect((await browser.open(`${issuer}/login?${query}`)).status).toBe(400);
      const page = await browser.open(`${issuer}/login`);
      const answer = await browser.submit(page, "/login", { ...person, continue: elsewhere });
      expect([answer.status, answer.left]).toEqual([400, null]);
      const recovery = await browser.open(`${issuer}/login/recovery`);
      expect((await browser.submit(recovery, "/login/recovery", { code: "x", continue: elsewhere })).status).toBe(400);
      expect((await browser.submit(page, "/login/passkey", { continue: elsewhere })).status).toBe(400);
      const signedIn = await gatehouse.signedInBrowser(person);
      const account = await signedIn.open(`${issuer}/account`);
      expect((await signedIn.submit(account, "/logout", { continue: elsewhere })).status).toBe(400);
    }
  });
});

describe("People: credentials", () => {
  test("changing credentials requires a sign-in of the last five minutes, which the statement checks again", async () => {
    const person = await gatehouse.addPerson();
    const browser = await gatehouse.signedInBrowser(person);
    const page = await browser.open(`${issuer}/account/security`);
    await gatehouse.moveClock(301);
    for (const [action, fields] of [
      ["/account/password", { password: "Another horse 2" }],
      ["/account/recovery-codes", {}],
    ] as const) {
      expect((await browser.submit(page, action, fields)).url.pathname, action).toBe("/login");
    }
    const stale = await browser.open(`${issuer}/account/security`);
    expect(stale.html.querySelectorAll("main form")).toHaveLength(0);
    const login = await browser.open(stale.html.querySelector(".warning a")?.getAttribute("href") ?? "");
    const back = await browser.submit(login, "/login", person);
    expect(back.url.pathname).toBe("/account/security");
    expect((await browser.submit(back, "/account/password", { password: "Another horse 2" })).status).toBe(200);
    await gatehouse.moveClock(0);
  });

  test("a new password signs the person out everywhere else, and the old password stops working", async () => {
    const person = await gatehouse.addPerson();
    const [here, there] = [await gatehouse.signedInBrowser(person), await gatehouse.signedInBrowser(person)];
    const page = await here.open(`${issuer}/account/security`);
    expect((await here.submit(page, "/account/password", { password: "weak" })).status).toBe(400);
    expect((await here.submit(page, "/account/password", { password: "Another horse 2" })).status).toBe(200);
    expect((await there.open(`${issuer}/account`)).url.pathname).toBe("/login");
    const old = createHeadlessBrowser();
    const guess = async () => old.submit(await old.open(`${issuer}/login`), "/login", person);
    expect((await guess()).status).toBe(400);
    // Strangers who guess still can't lock out this browser.
    for (let n = 0; n < 5; n++) await guess();
    expect((await guess()).status).toBe(429);
    await here.submit(await here.open(`${issuer}/account`), "/logout", {});
    const changed = { ...person, password: "Another horse 2" };
    expect((await here.submit(await here.open(`${issuer}/login`), "/login", changed)).url.pathname).toBe("/account");
  });

  test("each recovery code is shown once and signs in once, and new codes replace the old ones", async () => {
    const person = await gatehouse.addPerson();
    const browser = await gatehouse.signedInBrowser(person);
    const make = async () => {
      const page = await browser.submit(
        await browser.open(`${issuer}/account/security`),
        "/account/recovery-codes",
        {},
      );
      return page.html.querySelectorAll(".codes code").map((code) => code.textContent);
    };
    const use = async (code: string) => {
      const stranger = createHeadlessBrowser();
      return stranger.submit(await stranger.open(`${issuer}/login/recovery`), "/login/recovery", { code });
    };
    const [first = "", second = "", ...rest] = await make();
    expect(rest).toHaveLength(6);
    expect((await use(`  ${first.toLowerCase().replaceAll("-", " ")}`)).url.pathname).toBe("/account");
    expect((await use(first)).status).toBe(400);
    expect((await browser.open(`${issuer}/account/security`)).html.textContent).toContain("7 codes are left");
    const twice = await Promise.all([1, 2, 3, 4, 5].map(() => use(second)));
    expect(twice.filter(({ status }) => status === 200)).toHaveLength(1);
    await make();
    expect((await use(rest[0] ?? "")).status).toBe(400);
    for (const junk of ["", "x", "\u0000", "é".repeat(26), "0".repeat(26)]) expect((await use(junk)).status).toBe(400);
  });
});
