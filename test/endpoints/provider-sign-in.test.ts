import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import { findUserByEmail } from "../../src/store/users.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { answerThere } from "../support/linked.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const openid = await addOpenid(gatehouse, {
  signsIn: true,
  scopes: [],
  joining: ["invited", "domain:members.example", "subject:listed"],
});
const github = await addGitHub(gatehouse, { signsIn: true, scopes: [], joining: ["org:acme", "team:acme/devs"] });

/** Signs in with a provider from the sign-in page, under a name. Returns where that leads. */
async function signIn(
  browser: HeadlessBrowser,
  login: string,
  { slug = "openid", page, decision = "allow" }: { slug?: string; page?: Page; decision?: "allow" | "deny" } = {},
): Promise<Page> {
  const from = page ?? (await browser.open(`${issuer}/login`));
  const sent = await browser.submit(from, `/login/provider/${slug}`, {});
  return browser.open(await answerThere(browser, sent.left, login, decision));
}

const told = ({ status, html }: Page) => [status, html.textContent];

describe("L8 signing in with a provider", () => {
  test("L8 nobody joins without a rule that admits them, or with an unverified address", async () => {
    openid.people.set("stranger", { email: "stranger@elsewhere.example", email_verified: true });
    openid.people.set("liar", { email: "liar@members.example", email_verified: false });
    for (const login of ["stranger", "liar"]) {
      expect(told(await signIn(createHeadlessBrowser(), login))).toEqual([403, expect.stringContaining("invite you")]);
    }
    expect(await findUserByEmail(owner.db, "stranger@elsewhere.example")).toBeNull();
  });

  test("L8 an address that is unverified, or that only looks like an invited one, counts for nothing", async () => {
    await createSetupLink(owner, issuer, { kind: "invitation", role: "owner", email: "kate@elsewhere.example" });
    // The sign of the kelvin, whose lower case is a k.
    openid.people.set("kelvin", { email: "\u212aate@elsewhere.example", email_verified: true });
    openid.people.set("nul", { email: "k\0ate@elsewhere.example", email_verified: true });
    for (const login of ["kelvin", "nul"]) expect((await signIn(createHeadlessBrowser(), login)).status).toBe(403);
    const addresses = ["claimed@acme.example", "cla\0imed@acme.example", "\u212aate@acme.example"];
    for (const [n, email] of addresses.entries()) {
      const emails = [{ email, primary: true, verified: n > 0 }];
      github.people.set(`claimant${n}`, { id: 4800 + n, login: `claimant${n}`, emails, memberOf: ["acme"] });
      const page = await signIn(createHeadlessBrowser(), `claimant${n}`, { slug: "github" });
      expect(page.url.pathname, email).toBe("/account");
    }
    for (const email of ["claimed@acme.example", "kate@acme.example"]) {
      expect(await findUserByEmail(owner.db, email)).toBeNull();
    }
  });

  test("L8 a domain, a hosted domain, a listed subject, an organization and a team admit people", async () => {
    openid.people.set("member", { email: "member@members.example", email_verified: true });
    openid.people.set("hosted", { email: "x@other.example", email_verified: true, hd: "members.example" });
    openid.people.set("listed", { email: "secret@other.example", email_verified: false });
    for (const login of ["member", "hosted", "listed"]) {
      expect((await signIn(createHeadlessBrowser(), login)).url.pathname, login).toBe("/account");
    }
    expect(await findUserByEmail(owner.db, "secret@other.example")).toBeNull();
    const emails = [{ email: "dev@acme.example", primary: true, verified: true }];
    github.people.set("dev", { id: 4711, login: "dev", emails, memberOf: ["acme"] });
    github.people.set("other-dev", { id: 4712, login: "other-dev", emails: [], memberOf: ["acme/devs"] });
    for (const login of ["dev", "other-dev"]) {
      const page = await signIn(createHeadlessBrowser(), login, { slug: "github" });
      expect(page.url.pathname, login).toBe("/account");
    }
    expect(await findUserByEmail(owner.db, "dev@acme.example")).toMatchObject({ role: "member" });
    const outsider = await signIn(createHeadlessBrowser(), "outsider", { slug: "github" });
    expect(outsider.status).toBe(403);
    expect(github.controls.asked(`/api/v3/applications/${github.clientId}/token`)).toBeGreaterThan(0);
  });

  test("L8 a person is recognized, even if their address and name have changed", async () => {
    openid.people.set("mover", { email: "old@members.example", email_verified: true });
    await signIn(createHeadlessBrowser(), "mover");
    const before = await findUserByEmail(owner.db, "old@members.example");
    openid.people.set("mover", { email: "new@nowhere.example", email_verified: true });
    const browser = createHeadlessBrowser();
    await signIn(browser, "mover");
    expect((await browser.open(`${issuer}/account`)).html.textContent).toContain("old@members.example");
    expect(before).not.toBeNull();
    expect(await findUserByEmail(owner.db, "new@nowhere.example")).toBeNull();
  });

  test("L8 an invitation is accepted once, with its role, and only by the verified address", async () => {
    const invite = { kind: "invitation", role: "owner", email: "boss@elsewhere.example" } as const;
    await createSetupLink(owner, issuer, invite);
    openid.people.set("impostor", { email: "boss@elsewhere.example", email_verified: false });
    expect((await signIn(createHeadlessBrowser(), "impostor")).status).toBe(403);
    openid.people.set("boss", { email: "Boss@Elsewhere.example", email_verified: true });
    expect((await signIn(createHeadlessBrowser(), "boss")).url.pathname).toBe("/account");
    expect(await findUserByEmail(owner.db, "boss@elsewhere.example")).toMatchObject({ role: "owner" });
    openid.people.set("second", { email: "boss@elsewhere.example", email_verified: true });
    expect(told(await signIn(createHeadlessBrowser(), "second"))).toEqual([403, expect.stringContaining("already")]);
  });

  test("L8 an address never links an existing person by itself, but they can link it on the security page", async () => {
    const person = await gatehouse.addPerson("mine@members.example");
    openid.people.set("mine", { email: "mine@members.example", email_verified: true });
    expect(told(await signIn(createHeadlessBrowser(), "mine"))).toEqual([403, expect.stringContaining("already")]);

    const browser = await gatehouse.signedInBrowser(person);
    const security = await browser.open(`${issuer}/account/security`);
    const sent = await browser.submit(security, "/account/identities/openid", {});
    const added = await browser.open(await answerThere(browser, sent.left, "mine"));
    expect(added.html.textContent).toContain("You can sign in with that account now.");
    const elsewhere = createHeadlessBrowser();
    await signIn(elsewhere, "mine");
    expect((await elsewhere.open(`${issuer}/account`)).html.textContent).toContain(person.email);

    const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const again = await other.submit(await other.open(`${issuer}/account/security`), "/account/identities/openid", {});
    expect((await other.open(await answerThere(other, again.left, "mine"))).status).toBe(400);
  });

  test("L8 the last way to sign in can't be removed, and any other can", async () => {
    openid.people.set("only", { email: "only@members.example", email_verified: true });
    const browser = createHeadlessBrowser();
    await signIn(browser, "only");
    const remove = async (with_: HeadlessBrowser) => {
      const page = await with_.open(`${issuer}/account/security`);
      const action = page.html.querySelector("form[action$=remove]")?.getAttribute("action") ?? "";
      return with_.submit(page, new URL(action).pathname, {});
    };
    expect(told(await remove(browser))).toEqual([403, expect.stringContaining("only thing")]);

    const person = await gatehouse.addPerson();
    const known = await gatehouse.signedInBrowser(person);
    const sent = await known.submit(await known.open(`${issuer}/account/security`), "/account/identities/openid", {});
    await known.open(await answerThere(known, sent.left, "extra"));
    expect((await remove(known)).html.textContent).toContain("can no longer sign in with that account");
    expect((await signIn(createHeadlessBrowser(), "extra")).status).toBe(403);
  });

  test("L8 of two ways in, a passkey and an account of a provider, one stays even if both are removed at once", async () => {
    for (const together of [false, true]) {
      const name = `ways-${together}`;
      openid.people.set(name, { email: `${name}@members.example`, email_verified: true });
      const browser = createHeadlessBrowser();
      await signIn(browser, name);
      const user = await findUserByEmail(owner.db, `${name}@members.example`);
      await owner.db.run(sql`
        insert into passkeys (id, user_id, name, public_key, signature_counter, transports, backed_up)
        values (${name}, ${user?.id ?? ""}, 'Key', '\\x00', 0, '{}', false)`);
      const page = await browser.open(`${issuer}/account/security`);
      const action =
        page.html.querySelector("form[action$='/remove'][action*=identities]")?.getAttribute("action") ?? "";
      const removePasskey = () => browser.submit(page, "/account/passkeys/remove", { passkey: name });
      const removeIdentity = () => browser.submit(page, new URL(action).pathname, {});
      const first = removePasskey();
      if (!together) await first;
      const statuses = (await Promise.all([first, removeIdentity()])).map(({ status }) => status);
      expect(statuses.sort()).toEqual([200, 403]);
    }
  });

  test("L8 a sign-in leads back to where the person was going, and a person who says no at the provider is told so", async () => {
    openid.people.set("goer", { email: "goer@members.example", email_verified: true });
    const browser = createHeadlessBrowser();
    const { url } = await authorizationRequest(gatehouse, await registerClient(gatehouse));
    const login = await browser.open(url);
    const refused = await signIn(browser, "goer", { page: login, decision: "deny" });
    expect(told(refused)).toEqual([400, expect.stringContaining("didn’t allow it")]);
    expect((await signIn(browser, "goer", { page: refused })).url.pathname).toBe("/authorize");
  });

  test("L8 a disabled person can't sign in", async () => {
    openid.people.set("out", { email: "out@members.example", email_verified: true });
    await signIn(createHeadlessBrowser(), "out");
    await setUserStatus(owner, "out@members.example", "disable");
    expect((await signIn(createHeadlessBrowser(), "out")).status).toBe(403);
  });

  test("A6 a sign-in is as old as the provider says, or, if it doesn't say, as the question for a new one", async () => {
    openid.people.set("fresh", { email: "fresh@members.example", email_verified: true });
    const browser = createHeadlessBrowser();
    await signIn(browser, "fresh");
    const offers = async (with_: HeadlessBrowser) =>
      (await with_.open(`${issuer}/account/security`)).html.querySelector("form[action$=passkeys]") !== null;
    expect(await offers(browser)).toBe(true);
    await gatehouse.moveClock(301);
    expect(await offers(browser)).toBe(false);
    await gatehouse.moveClock(0);
    const unproven = createHeadlessBrowser();
    await signIn(unproven, "dev", { slug: "github" });
    expect(await offers(unproven)).toBe(false);
    const { url } = await authorizationRequest(gatehouse, await registerClient(gatehouse), { max_age: "3600" });
    expect((await unproven.open(url)).url.pathname).toBe("/login");
  });

  test("A6 removing the question for a new sign-in from the address doesn't make a sign-in fresh", async () => {
    openid.people.set("left-open", { email: "left-open@members.example", email_verified: true });
    const browser = createHeadlessBrowser();
    await signIn(browser, "left-open");
    const fresh = async () =>
      (await browser.open(`${issuer}/account/security`)).html.querySelector("form[action$=passkeys]") !== null;
    await gatehouse.moveClock(301);
    expect(await fresh()).toBe(false);
    const sent = await browser.submit(await browser.open(`${issuer}/login`), "/login/provider/openid", {});
    const { left } = sent;
    expect(left?.searchParams.get("prompt")).toBe("login");
    for (const name of ["prompt", "max_age"]) left?.searchParams.delete(name);
    // The provider knows the browser, and asks nothing.
    const { left: back } = await browser.open(left ?? "");
    expect((await browser.open(back ?? "")).url.pathname).toBe("/account");
    expect(await fresh()).toBe(false);
    await gatehouse.moveClock(0);
  });

  test("P5 a reset of a person's credentials removes their identities too", async () => {
    openid.people.set("lost", { email: "lost@members.example", email_verified: true });
    await signIn(createHeadlessBrowser(), "lost");
    const reset = await createSetupLink(owner, issuer, { kind: "reset", email: "lost@members.example" });
    if ("problem" in reset) throw new Error(reset.problem);
    const browser = createHeadlessBrowser();
    const page = await browser.submit(await browser.open(`${issuer}/setup`), "/setup", {
      code: new URL(reset.url).hash.slice(1),
    });
    const done = await browser.submit(page, "/setup/password", { password: "a new long password, known to one" });
    expect(done.url.pathname).toBe("/account/security");
    expect((await signIn(createHeadlessBrowser(), "lost")).url.pathname).not.toBe("/account");
  });

  test("L8 two sign-ins at once with one new identity make one member", async () => {
    openid.people.set("twin", { email: "twin@members.example", email_verified: true });
    const pages = await Promise.all([1, 2, 3].map(() => signIn(createHeadlessBrowser(), "twin")));
    expect(pages.map(({ url }) => url.pathname)).toEqual(["/account", "/account", "/account"]);
  });
});
