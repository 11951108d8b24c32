import { afterAll, expect, test } from "vitest";
import { launchChromium, openPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";

/** A logo as wide as a word. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50"><rect width="200" height="50" fill="#c00"/></svg>';
const NAME = "The Extraordinarily Long Name of a Department of Weather";
const gatehouse = await startGatehouse({
  vars: { DEPLOYMENT_NAME: NAME, ACCENT_COLOR: "#ffee00", LOGO: `data:image/svg+xml;base64,${btoa(LOGO)}` },
});
const { issuer } = gatehouse;
const browser = await launchChromium();
afterAll(() => browser.close());
const value = (await gatehouse.signedInBrowser(await gatehouse.addPerson())).cookies.get("gatehouse_session") ?? "";

async function open(options: Parameters<typeof openPage>[1] = {}) {
  const { page } = await openPage(browser, { reducedMotion: "reduce", ...options });
  await page.context().addCookies([{ name: "gatehouse_session", value, url: issuer }]);
  return page;
}

test("a wide logo, a long name and a bright colour fit every kind of page, and axe finds nothing", {
  timeout: 120_000,
}, async () => {
  const page = await open();
  const consent = (await authorizationRequest(gatehouse, await registerClient(gatehouse))).url.href;
  for (const [name, url] of Object.entries({ login: `${issuer}/login`, consent, account: `${issuer}/account` })) {
    await page.goto(url);
    await inspect(page, `brand-${name}`);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  expect((await page.locator(".bar").boundingBox())?.height).toBeLessThan(64);
});

test("printed recovery codes say which service they are for, and leave out what can only be clicked", async () => {
  const page = await open();
  await page.goto(`${issuer}/account/security`);
  await page.getByRole("button", { name: "Create recovery codes" }).click();
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
  await page.emulateMedia({ media: "print" });
  expect(await page.locator(".bar .brand").isVisible()).toBe(true);
  expect(await page.locator("button:visible, nav:visible, .button:visible").count()).toBe(0);
});

test("with forced colours, which have no grounds, an app's name on the consent page still stands apart", async () => {
  const page = await open({ forcedColors: "active" });
  await page.goto((await authorizationRequest(gatehouse, await registerClient(gatehouse))).url.href);
  const { outlineStyle, outlineColor, color } = await page.evaluate<Record<string, string>>(`(() => {
    const { outlineStyle, outlineColor, color } = getComputedStyle(document.querySelector("h1 .app-name"));
    return { outlineStyle, outlineColor, color };
  })()`);
  expect([outlineStyle, outlineColor]).toEqual(["solid", color]);
});
