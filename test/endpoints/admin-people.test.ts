import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { PASSWORD } from "../support/gatehouse.ts";
import { grantTokens, isActive, registerClient } from "../support/oauth-client.ts";
import { sendForm, textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, owner, browser } = await ownerScene();

describe("people", () => {
  test("a member is invited by a link that is shown once, and sets up an account with it", async () => {
    const page = await browser.open(`${issuer}/admin/people`);
    const made = await browser.submit(page, "/admin/people/invite", { email: "Guest@Example.com", role: "member" });
    const link = made.html.querySelector(".secret code")?.textContent ?? "";
    expect(textOf(await browser.open(`${issuer}/admin/people`))).not.toContain(link);
    const guest = createHeadlessBrowser();
    const setup = await guest.submit(await guest.open(link), "/setup", { code: new URL(link).hash.slice(1) });
    expect((await guest.submit(setup, "/setup/password", { password: PASSWORD })).url.pathname).toBe(
      "/account/security",
    );
    expect((await guest.open(`${issuer}/admin`)).status).toBe(403);
    expect((await browser.submit(page, "/admin/people/invite", { email: "no address" })).status).toBe(400);
  });

  test("an unused link can be withdrawn", async () => {
    const page = await browser.open(`${issuer}/admin/people`);
    const made = await browser.submit(page, "/admin/people/invite", { email: "late@example.com", role: "owner" });
    const code = new URL(made.html.querySelector(".secret code")?.textContent ?? "").hash.slice(1);
    await browser.submit(made, "/admin/people/revoke-link", {});
    const guest = createHeadlessBrowser();
    expect((await guest.submit(await guest.open(`${issuer}/setup`), "/setup", { code })).status).toBe(400);
  });

  test("an owner disables, enables, resets and deletes other people, but never themself", async () => {
    const person = await gatehouse.addPerson();
    const theirs = await gatehouse.signedInBrowser(person);
    const tokens = await grantTokens(gatehouse, theirs, await registerClient(gatehouse));
    const { email } = person;
    expect((await sendForm(browser, `${issuer}/admin/people/disable`, { email })).status).toBe(303);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect((await theirs.open(`${issuer}/account`)).url.pathname).toBe("/login");
    expect((await sendForm(browser, `${issuer}/admin/people/enable`, { email })).status).toBe(303);
    expect((await sendForm(browser, `${issuer}/admin/people/reset`, { email })).status).toBe(200);
    expect((await sendForm(browser, `${issuer}/admin/people/delete`, { email })).status).toBe(303);
    expect((await sendForm(browser, `${issuer}/admin/people/reset`, { email })).status).toBe(400);
    for (const what of ["disable", "delete"])
      expect((await sendForm(browser, `${issuer}/admin/people/${what}`, { email: owner.email })).status).toBe(400);
    expect((await browser.open(`${issuer}/admin`)).status).toBe(200);
  });
});
