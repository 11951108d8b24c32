import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, openPage, signInPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";

const gatehouse = await startGatehouse();
const { issuer, resource } = gatehouse;
const browser = await launchChromium();
afterAll(() => browser.close());
const person = await gatehouse.addOwner("ada@example.com");
const server = `/admin/resources/${resource.id}`;

/** Fills in one field of a page, and sends its form. */
async function submit(page: Page, path: string, field: string, typed: string, button: string): Promise<void> {
  await page.goto(issuer + path);
  await page.getByLabel(field).first().fill(typed);
  await page.getByRole("button", { name: button, exact: true }).last().click();
  await page.locator("[aria-invalid]").waitFor();
}

const focused = (page: Page) => page.evaluate<string>("document.activeElement.name");

describe("a form with a mistake in one of its fields", () => {
  test("the field gets the focus without script, and the page scrolls to it", async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    await signInPage(gatehouse, page, person);
    await submit(page, server, "Longest access, in days", "9999999", "Save");
    expect([new URL(page.url()).hash, await focused(page)]).toEqual(["#problem", "max_days"]);
    const { y = -1 } = (await page.locator("#max_days").boundingBox()) ?? {};
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(740);
    await submit(page, "/login/recovery", "Recovery code", "ABCDE-ABCDE", "Sign in");
    expect(await focused(page)).toBe("code");
  });

  describe("narrow and wide, light and dark, without a finding of axe", () => {
    let page: Page;
    beforeAll(async () => {
      ({ page } = await openPage(browser, { reducedMotion: "reduce" }));
      await signInPage(gatehouse, page, person);
    });
    const timeout = { timeout: 60_000 };

    test("the sentence stands above a form of many fields, and beside the field", timeout, async () => {
      await submit(page, server, "Longest access, in days", "9999999", "Save");
      const sentences = page.getByText("Access has to last between");
      expect(await sentences.count()).toBe(2);
      for (const sentence of await sentences.all()) expect(await sentence.isVisible()).toBe(true);
      await inspect(page, "wrong-days");
    });

    test("the sentence is seen once if its field comes next, and a button beside stays in line", timeout, async () => {
      await submit(page, "/account/security", "New password", "password", "Change password");
      const sentences = page.getByText("A password needs at least");
      expect(await Promise.all((await sentences.all()).map((each) => each.isVisible()))).toEqual([false, true]);
      const { y, height } = (await page.locator("#password").boundingBox()) ?? {};
      expect(await page.locator(".beside:has(#password) > button").boundingBox()).toMatchObject({ y, height });
      await inspect(page, "wrong-password");
    });

    test("of several rows, the one with the mistake says so", timeout, async () => {
      await page.goto(issuer + server);
      await page.evaluate("document.querySelector('#scope_description-1').maxLength = 999");
      await page.getByLabel("What it lets an app do").nth(1).fill("x".repeat(301));
      await page.getByRole("button", { name: "Save", exact: true }).last().click();
      await page.locator("#scope_description-1[aria-invalid]").waitFor();
      expect(await page.evaluate("document.activeElement.id")).toBe("scope_description-1");
      await inspect(page, "wrong-row");
    });
  });
});
