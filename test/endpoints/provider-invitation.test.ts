import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { findUserByEmail, type UserRole } from "../../src/store/users.ts";
import { PASSWORD, startGatehouse } from "../support/gatehouse.ts";
import { answerThere } from "../support/linked.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const openid = await addOpenid(gatehouse, { signsIn: true, scopes: [], joining: ["invited"] });
await addGitHub(gatehouse, { signsIn: true, scopes: [], joining: ["org:acme"] });

async function makeLink(purpose: Parameters<typeof createSetupLink>[2]): Promise<string> {
  const link = await createSetupLink(owner, issuer, purpose);
  if ("problem" in link) throw new Error(link.problem);
  return new URL(link.url).hash.slice(1);
}

const invite = (email: string | null, role: UserRole = "member") => makeLink({ kind: "invitation", role, email });

const open = async (browser: HeadlessBrowser, code: string): Promise<Page> =>
  browser.submit(await browser.open(`${issuer}/setup`), "/setup", { code });

const buttons = ({ html }: Page): string[] =>
  html
    .querySelectorAll("form[action*='/login/provider/']")
    .map((form) => form.querySelector("button")?.textContent.trim() ?? "");

/** Opens an invitation and accepts it with an account elsewhere. Returns where that leads. */
async function takeUp(browser: HeadlessBrowser, code: string, login: string): Promise<Page> {
  const sent = await browser.submit(await open(browser, code), "/login/provider/openid", {});
  return browser.open(await answerThere(browser, sent.left, login));
}

describe("L8 accepting an invitation with an account of a provider", () => {
  test("L8 the page offers the providers, and the account joins with the invitation's role, is signed in, and spends the link", async () => {
    const email = "guest@elsewhere.example";
    openid.people.set("guest", { email, email_verified: true });
    const code = await invite(email, "owner");
    const browser = createHeadlessBrowser();
    const page = await open(browser, code);
    expect(buttons(page)).toEqual(["Use your openid account"]);
    const sent = await browser.submit(page, "/login/provider/openid", {});
    expect(sent.left?.searchParams.get("login_hint")).toBe(email);
    const done = await browser.open(await answerThere(browser, sent.left, "guest"));
    expect(done.url.pathname).toBe("/account");
    expect(done.html.textContent).toContain(email);
    expect(await findUserByEmail(owner.db, email)).toMatchObject({ role: "owner" });
    expect((await open(createHeadlessBrowser(), code)).status).toBe(400);
  });

  test("L8 an account with another address, or with an unverified one, gets nothing, and the link still works", async () => {
    const email = "awaited@elsewhere.example";
    const code = await invite(email);
    openid.people.set("finder", { email: "finder@elsewhere.example", email_verified: true });
    openid.people.set("pretender", { email, email_verified: false });
    for (const login of ["finder", "pretender"]) {
      const browser = createHeadlessBrowser();
      expect((await takeUp(browser, code, login)).status, login).toBe(403);
      expect((await browser.open(`${issuer}/account`)).url.pathname).toBe("/login");
    }
    openid.people.set("awaited", { email, email_verified: true });
    expect((await takeUp(createHeadlessBrowser(), code, "awaited")).url.pathname).toBe("/account");
  });

  test("L8 an invitation that is begun in one browser can't be finished in another", async () => {
    const email = "begun@elsewhere.example";
    openid.people.set("begun", { email, email_verified: true });
    const [browser, other] = [createHeadlessBrowser(), createHeadlessBrowser()];
    const code = await invite(email);
    const sent = await browser.submit(await open(browser, code), "/login/provider/openid", {});
    const back = await answerThere(browser, sent.left, "begun");
    await open(other, code);
    expect((await other.open(back)).status).toBe(400);
    expect((await other.open(`${issuer}/account`)).url.pathname).toBe("/login");
    expect(await findUserByEmail(owner.db, email)).toBeNull();
    expect((await browser.open(back)).url.pathname).toBe("/account");
  });

  test("L8 neither a link without an address nor a reset of credentials offers providers", async () => {
    const { email } = await gatehouse.addPerson();
    for (const code of [await invite(null), await makeLink({ kind: "reset", email })]) {
      const browser = createHeadlessBrowser();
      let page = await open(browser, code);
      if (page.html.querySelector("#email")) page = await browser.submit(page, "/setup", { email: "any@example.com" });
      expect(page.html.querySelector("form[action$='/setup/password']")).not.toBeNull();
      expect(buttons(page)).toEqual([]);
    }
  });

  test("L8 an invitation that is accepted with a password and with an account at once makes one person", async () => {
    for (let n = 0; n < 4; n++) {
      const email = `both${n}@elsewhere.example`;
      openid.people.set(email, { email, email_verified: true });
      const code = await invite(email);
      const [there, here] = [createHeadlessBrowser(), createHeadlessBrowser()];
      const sent = await there.submit(await open(there, code), "/login/provider/openid", {});
      const back = await answerThere(there, sent.left, email);
      const page = await open(here, code);
      await Promise.all([there.open(back), here.submit(page, "/setup/password", { password: PASSWORD })]);
      const paths = await Promise.all(
        [there, here].map(async (one) => (await one.open(`${issuer}/account`)).url.pathname),
      );
      expect(paths.sort()).toEqual(["/account", "/login"]);
    }
  });
});
