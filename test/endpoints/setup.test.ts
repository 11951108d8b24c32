import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { createSetupLink, inviteFirstOwner } from "../../src/flows/admin/setup-links.ts";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import type { SetupLinkPurpose } from "../../src/store/setup-links.ts";
import { askAtOnce } from "../support/at-once.ts";
import { createAuthenticator, createPasskey, passkeyOptions, usePasskey } from "../support/authenticator.ts";
import { PASSWORD, startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
let count = 0;

const newEmail = () => `new${++count}@example.com`;
const invitation = (email: string | null): SetupLinkPurpose => ({ kind: "invitation", role: "member", email });

async function makeLink(purpose: SetupLinkPurpose): Promise<string> {
  const link = await createSetupLink(owner, issuer, purpose);
  if ("problem" in link) throw new Error(link.problem);
  expect(new URL(link.url).hash.slice(1)).not.toBe("");
  return new URL(link.url).hash.slice(1);
}

const open = async (browser: HeadlessBrowser, code: string) =>
  browser.submit(await browser.open(`${issuer}/setup`), "/setup", { code });

/** Opens a link and chooses a password. */
async function setUp(code: string, password = PASSWORD, browser = createHeadlessBrowser()) {
  const page = await open(browser, code);
  if (page.status !== 200) return { page, browser };
  return { page: await browser.submit(page, "/setup/password", { password }), browser };
}

/** Accepts an invitation that names no address. */
async function join(code: string): Promise<Page> {
  const browser = createHeadlessBrowser();
  const page = await browser.submit(await open(browser, code), "/setup", { email: newEmail() });
  return page.status === 200 ? browser.submit(page, "/setup/password", { password: PASSWORD }) : page;
}

const signIn = async (email: string, password: string) => {
  const browser = createHeadlessBrowser();
  const page = await browser.submit(await browser.open(`${issuer}/login`), "/login", { email, password });
  return page.url.pathname === "/account";
};

describe("setup links", () => {
  test("a link makes an account with a password, and signs it in", async () => {
    const email = newEmail();
    const { page } = await setUp(await makeLink(invitation(email)));
    expect(page.url.pathname).toBe("/account/security");
    expect(page.html.textContent).toContain(email);
    expect(await signIn(email, PASSWORD)).toBe(true);
  });

  test("a link makes an account with a passkey, and the passkey signs in", async () => {
    const authenticator = createAuthenticator();
    const browser = createHeadlessBrowser();
    const page = await open(browser, await makeLink(invitation(newEmail())));
    expect((await createPasskey(browser, page, "/setup/passkey", authenticator)).url.pathname).toBe(
      "/account/security",
    );
    const elsewhere = createHeadlessBrowser();
    const signedIn = await usePasskey(elsewhere, await elsewhere.open(`${issuer}/login`), authenticator);
    expect(signedIn.url.pathname).toBe("/account");
  });

  test("the first owner is invited as long as there is none, and is told which address to use", async () => {
    const link = await inviteFirstOwner(owner, issuer);
    const browser = createHeadlessBrowser();
    const asked = await open(browser, new URL(link?.url ?? "").hash.slice(1));
    expect(asked.html.querySelector("#email")).not.toBeNull();
    const email = newEmail();
    const page = await browser.submit(asked, "/setup", { email: `  ${email.toUpperCase()}` });
    await browser.submit(page, "/setup/password", { password: PASSWORD });
    expect((await browser.open(`${issuer}/account`)).html.querySelector('a[href$="/admin"]')).not.toBeNull();
    expect(await inviteFirstOwner(owner, issuer)).toBeNull();
  });

  test("neither GET nor opening a link uses it up, but setting up an account does, once", async () => {
    const code = await makeLink(invitation(newEmail()));
    for (let n = 0; n < 3; n++) {
      expect((await createHeadlessBrowser().open(`${issuer}/setup`)).status).toBe(200);
      expect((await open(createHeadlessBrowser(), code)).status).toBe(200);
    }
    expect((await setUp(code)).page.url.pathname).toBe("/account/security");
    expect((await setUp(code)).page.status).toBe(400);
  });

  test("of twenty requests at once with one link, one makes an account", { timeout: 90_000 }, async () => {
    const count = async () =>
      (await owner.db.read<{ accounts: number }>(sql`select count(*)::int as accounts from users`))[0]?.accounts ?? 0;
    let [before, code] = [0, ""];
    const outcomes = await askAtOnce(20, async () => {
      before = await count();
      code = await makeLink(invitation(null));
      const opened: (readonly [HeadlessBrowser, Page])[] = [];
      for (let n = 0; n < 20; n++) {
        const browser = createHeadlessBrowser();
        opened.push([browser, await browser.submit(await open(browser, code), "/setup", { email: newEmail() })]);
      }
      return (n) => {
        const [browser, page] = opened[n] as (typeof opened)[number];
        // A hash takes as long as many statements, so most have a passkey.
        return n % 4 === 0
          ? browser.submit(page, "/setup/password", { password: PASSWORD })
          : createPasskey(browser, page, "/setup/passkey", createAuthenticator());
      };
    });
    // If the machine is too slow for all of them, a later request makes the account, and there is still only one.
    const made = [...outcomes, await join(code)].filter(({ url }) => url.pathname === "/account/security");
    expect(made.length).toBeLessThanOrEqual(1);
    expect(outcomes.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
    expect(await count()).toBe(before + 1);
    expect((await open(createHeadlessBrowser(), code)).status).toBe(400);
  });

  test("a link is good for three days, and no other code works", async () => {
    const code = await makeLink(invitation(newEmail()));
    await gatehouse.moveClock(3 * 24 * 3600 + 1);
    expect((await open(createHeadlessBrowser(), code)).status).toBe(400);
    await gatehouse.moveClock(0);
    for (const junk of ["", "x", "gthl_x", `${code}x`, code.replace("gthl", "gthn"), "\u0001".repeat(50)]) {
      expect((await open(createHeadlessBrowser(), junk)).status).toBe(400);
    }
  });

  test("a failed attempt leaves the link unused", async () => {
    const taken = await gatehouse.addPerson();
    const code = await makeLink(invitation(null));
    const browser = createHeadlessBrowser();
    const asked = await open(browser, code);
    const page = await browser.submit(asked, "/setup", { email: taken.email });
    expect((await browser.submit(page, "/setup/password", { password: "short" })).status).toBe(400);
    const refused = await browser.submit(page, "/setup/password", { password: PASSWORD });
    expect(refused.status).toBe(400);
    expect(refused.html.textContent).toContain("An account with this address already exists.");
    expect((await open(createHeadlessBrowser(), code)).status).toBe(200);
  });

  test("a link for one address makes no account for another", async () => {
    const email = newEmail();
    const browser = createHeadlessBrowser();
    const page = await open(browser, await makeLink(invitation(email)));
    const done = await browser.submit(page, "/setup/password", { password: PASSWORD, email: "other@example.com" });
    expect(done.html.textContent).toContain(email);
  });

  test("a passkey that is made for one link isn't accepted for another", async () => {
    const [first, second] = [createHeadlessBrowser(), createHeadlessBrowser()];
    const page = await open(first, await makeLink(invitation(newEmail())));
    const other = await open(second, await makeLink(invitation(newEmail())));
    const credential = createAuthenticator().create(passkeyOptions(page, "/setup/passkey"), issuer);
    const challenge = page.html.querySelector('[name="challenge"]')?.getAttribute("value") ?? "";
    expect((await second.submit(other, "/setup/passkey", { credential, challenge })).status).toBe(400);
  });
});

describe("a person has one link at a time", () => {
  test("a new link replaces the one before", async () => {
    const email = newEmail();
    const [first, second] = [await makeLink(invitation(email)), await makeLink(invitation(email))];
    expect((await setUp(first)).page.status).toBe(400);
    expect((await setUp(second)).page.status).toBe(200);
    expect(await createSetupLink(owner, issuer, invitation(email))).toHaveProperty("problem");
    const [older, newer] = [await makeLink({ kind: "reset", email }), await makeLink({ kind: "reset", email })];
    expect((await setUp(older)).page.status).toBe(400);
    expect((await setUp(newer)).page.status).toBe(200);
  });

  test("a new password voids a link that would reset it", async () => {
    const person = await gatehouse.addPerson();
    const code = await makeLink({ kind: "reset", email: person.email });
    const browser = await gatehouse.signedInBrowser(person);
    const page = await browser.open(`${issuer}/account/security`);
    expect((await browser.submit(page, "/account/password", { password: "Another horse 2" })).status).toBe(200);
    expect((await setUp(code)).page.status).toBe(400);
  });
});

describe("links end with the owner who made them", () => {
  const linkOf = async (email: string) => {
    const [row] = await owner.db.read<{ digest: string }>(sql`
      select encode(s.digest, 'hex') as digest from sessions s join users u on u.id = s.user_id where u.email = ${email}`);
    const digest = new Uint8Array(Buffer.from(row?.digest ?? "", "hex"));
    const authority = { digest, idleSeconds: 3600, role: "owner", signedInSince: null } as const;
    const link = await createSetupLink(
      { ...owner, actor: { ...owner.actor, authority } },
      issuer,
      invitation(newEmail()),
    );
    if ("problem" in link) throw new Error(link.problem);
    return new URL(link.url).hash.slice(1);
  };

  test.each([
    ["is disabled", (email: string) => setUserStatus(owner, email, "disable")],
    ["is deleted", (email: string) => setUserStatus(owner, email, "delete")],
    ["has everything revoked", (email: string) => revokeGrants(owner, { kind: "user", email })],
    ["has everything revoked together with everybody", () => revokeGrants(owner, { kind: "all" })],
  ])("a link ends if its owner %s", async (_, end) => {
    const maker = await gatehouse.addOwner();
    await gatehouse.signedInBrowser(maker);
    const code = await linkOf(maker.email);
    await end(maker.email);
    expect((await setUp(code)).page.status).toBe(400);
  });
});

describe("resets of credentials", () => {
  test("a reset replaces every credential, and signs out everywhere", async () => {
    const person = await gatehouse.addPerson();
    const before = await gatehouse.signedInBrowser(person);
    const authenticator = createAuthenticator();
    const security = await before.open(`${issuer}/account/security`);
    await createPasskey(before, security, "/account/passkeys", authenticator);
    const { page } = await setUp(await makeLink({ kind: "reset", email: person.email }), "Another horse 2");
    expect(page.url.pathname).toBe("/account/security");
    expect((await before.open(`${issuer}/account`)).url.pathname).toBe("/login");
    expect(await signIn(person.email, PASSWORD)).toBe(false);
    expect(await signIn(person.email, "Another horse 2")).toBe(true);
    const elsewhere = createHeadlessBrowser();
    const refused = await usePasskey(elsewhere, await elsewhere.open(`${issuer}/login`), authenticator);
    expect(refused.status).toBe(400);
    const [row] = await owner.db.read(sql`select count(*)::int as n from users where email = ${person.email}`);
    expect(row).toEqual({ n: 1 });
  });

  test("a reset does nothing for a person who was disabled meanwhile", async () => {
    const person = await gatehouse.addPerson();
    const code = await makeLink({ kind: "reset", email: person.email });
    await setUserStatus(owner, person.email, "disable");
    expect((await setUp(code)).page.status).toBe(400);
    expect(await createSetupLink(owner, issuer, { kind: "reset", email: "nobody@example.com" })).toHaveProperty(
      "problem",
    );
  });
});
