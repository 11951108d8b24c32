import { readFile } from "node:fs/promises";
import { sql } from "drizzle-orm";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { launchChromium, openPage } from "../support/chromium.ts";
import { beginDevice, DEVICE_METADATA } from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { addIssuesServer, grantLinked } from "../support/linked.ts";
import { authorizationRequest, grantTokens, registerClient } from "../support/oauth-client.ts";
import { LONG_ADDRESS, LONG_NAME, RIGHT_TO_LEFT } from "../support/plenty.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const browser = await launchChromium();
afterAll(() => browser.close());

const resource = `https://stations.${"long-".repeat(8)}name.example/mcp`;
await owner.db.run(sql`insert into resources (id, uri, name) values ('stations', ${resource}, 'Stations')`);
await owner.db.run(sql`
  insert into scopes (resource_id, name, description, implies, position) values
    ('stations', 'weather:read', 'Read the forecast', '{}', 1),
    ('stations', 'weather:report', 'Report the weather', '{weather:read}', 2),
    ('stations', 'weather:admin', 'Do everything that you can do yourself', '{weather:read,weather:report}', 3)`);

const STILL = { reducedMotion: "reduce" } as const;
const TIMEOUT = { timeout: 180_000 };

/** A person in a browser, and in one without a screen. */
async function enter() {
  const headless = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const { page } = await openPage(browser, STILL);
  const value = headless.cookies.get("gatehouse_session") ?? "";
  await page.context().addCookies([{ name: "gatehouse_session", value, url: issuer }]);
  return { page, headless };
}

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });

const colourOf = (page: Page, words: string) =>
  page.evaluate<string>(
    `getComputedStyle([...document.querySelectorAll("button")].find((each) => each.textContent.trim() === "${words}")).backgroundColor`,
  );

describe("states that people get into, narrow and wide, light and dark, without a finding of axe", () => {
  test("a consent page marks new permissions, and says what is missing from an answer", TIMEOUT, async () => {
    const { page, headless } = await enter();
    const client = await registerClient(gatehouse, { client_name: LONG_NAME, redirect_uris: ["some.app:/callback"] });
    await grantTokens(gatehouse, headless, client, { resource, scope: "weather:read" });
    await page.goto((await authorizationRequest(gatehouse, client, { resource })).url.href);
    await page.getByText("New this time: Report the weather; Do everything").waitFor();
    await inspect(page, "state-consent-new");
    for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
    await button(page, "Allow").click();
    await page.getByText("Nothing is ticked").waitFor();
    expect(page.url()).toMatch(/#problem$/);
    await inspect(page, "state-consent-nothing-ticked");
  });

  test("an app is approved, and the page for a device says that a code is unknown or was denied", TIMEOUT, async () => {
    const { page } = await enter();
    const client = await registerClient(gatehouse, { client_name: RIGHT_TO_LEFT });
    await owner.db.run(sql`update clients set approved_fingerprint = fingerprint where id = ${client.client_id}`);
    await page.goto((await authorizationRequest(gatehouse, client, { resource })).url.href);
    await inspect(page, "state-consent-approved");
    await page.goto(`${issuer}/device`);
    await page.getByLabel("Code").fill("BBBB-BBBB");
    await button(page, "Continue").click();
    await page.getByText("That code isn’t known").last().waitFor();
    await inspect(page, "state-device-unknown");
    const { user_code } = await beginDevice(gatehouse, await registerClient(gatehouse, DEVICE_METADATA));
    await page.goto(`${issuer}/device?user_code=${user_code}`);
    await button(page, "Continue").click();
    await button(page, "Deny").click();
    await page.getByRole("heading", { name: "Access denied" }).waitFor();
    await inspect(page, "state-device-denied");
  });

  test("a connection is narrowed and renamed in place, both can be undone, and ending it asks", TIMEOUT, async () => {
    const { page, headless } = await enter();
    const client = await registerClient(gatehouse, { client_name: LONG_NAME });
    await grantTokens(gatehouse, headless, client, { resource });
    await page.goto(`${issuer}/account`);
    await page.getByText("3 permissions").click();
    await inspect(page, "state-account-open");
    await page.getByLabel("Do everything").uncheck();
    await button(page, "Save").click();
    await page.getByText("Taken away: Do everything").waitFor();
    await page.getByLabel("Your name for this connection").fill("My editor");
    await button(page, "Rename").click();
    await page.getByText("Renamed.").waitFor();
    await inspect(page, "state-connection-undo");
    await button(page, /^End access/).click();
    await inspect(page, "state-connection-question");
    await page.keyboard.press("Escape");
    await button(page, "Undo").first().click();
    await page.waitForURL("**?done=renamed");
    await button(page, "Undo").click();
    await page.getByText("Undone.").waitFor();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain(LONG_NAME);
    expect(await page.getByLabel("Do everything").isChecked()).toBe(true);
  });

  test(
    "the menu of a phone stays beside the page when a tablet is turned and the page gets wider",
    TIMEOUT,
    async () => {
      const { page } = await enter();
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${issuer}/account`);
      await button(page, "Menu").click();
      await inspect(page, "state-menu");
      const box = await page.locator("main").boundingBox();
      expect([box?.x, (box?.width ?? 0) > 900]).toEqual([256, true]);
    },
  );

  test(
    "a server asks for an account at a provider, which the person refuses or answers with another",
    TIMEOUT,
    async () => {
      await addGitHub(gatehouse, { signsIn: true });
      const issues = await addIssuesServer(gatehouse, "github");
      const { page, headless } = await enter();
      const { client } = await grantLinked(gatehouse, headless, issues, { login: "octocat" });
      await page.goto(`${issuer}/account/linked`);
      await page.getByText("1 server can use it").click();
      await inspect(page, "state-linked-open");
      const more = { resource: issues.uri, scope: "issues:read issues:write time:read" };
      await page.goto((await authorizationRequest(gatehouse, client, more)).url.href);
      await inspect(page, "state-consent-account");
      await button(page, "Allow").click();
      await page.getByRole("heading", { name: "Let Issues use your GitHub account?" }).waitFor();
      await inspect(page, "state-connect-more");
      await button(page, "Continue to GitHub").click();
      await button(page, "Deny").click();
      await page.getByRole("heading", { name: "Not connected" }).waitFor();
      await inspect(page, "state-connect-refused");
      await button(page, "Try again").click();
      await page.getByLabel("Name").fill("hubot");
      await button(page, "Allow").click();
      await page.getByRole("heading", { name: "You came back with another account" }).waitFor();
      await inspect(page, "state-connect-another");
    },
  );
});

test("recovery codes are copied, downloaded and printed by a button each", async () => {
  const { page } = await enter();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.addInitScript("window.print = () => { document.title = 'printed'; }");
  await page.goto(`${issuer}/account/security`);
  await button(page, "Create recovery codes").click();
  const codes = await page.locator(".codes code").allTextContents();
  expect(codes).toHaveLength(8);
  await button(page, "Copy").click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(codes.join("\n"));
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("recovery-codes.txt");
  expect(await readFile(await download.path(), "utf8")).toBe(`Gatehouse ${issuer}\n${codes.join("\n")}\n`);
  await button(page, "Print").click();
  expect(await page.title()).toBe("printed");
});

test("a button beside a field is in line with it, and as high", async () => {
  const { page } = await enter();
  await page.goto(`${issuer}/account/security`);
  const box = async (selector: string) => {
    const { y, height } = (await page.locator(selector).boundingBox()) ?? { y: -1, height: -1 };
    return { y, height };
  };
  expect((await box("#password")).height).toBeGreaterThan(30);
  expect(await box(".beside:has(#password) > button")).toEqual(await box("#password"));
});

describe("ways in, narrow and wide, light and dark, without a finding of axe", () => {
  test(
    "the password is the primary action where there is no passkey, and the passkey where there is",
    TIMEOUT,
    async () => {
      const { url } = await authorizationRequest(
        gatehouse,
        await registerClient(gatehouse, { client_name: LONG_NAME }),
      );
      const { page } = await openPage(browser, STILL);
      await page.goto(url.href);
      const primary = await colourOf(page, "Sign in with a passkey");
      expect(await colourOf(page, "Sign in with a password")).not.toBe(primary);
      await page.addInitScript("delete window.PublicKeyCredential");
      await page.reload();
      expect(await button(page, "Sign in with a passkey").isVisible()).toBe(false);
      expect(await colourOf(page, "Sign in with a password")).toBe(primary);
      await inspect(page, "state-login-without-passkeys");
      const { page: plain } = await openPage(browser, { ...STILL, javaScriptEnabled: false });
      await plain.goto(url.href);
      expect(await button(plain, "Sign in with a passkey").isVisible()).toBe(false);
      expect(await colourOf(plain, "Sign in with a password")).toBe(primary);
    },
  );

  test("codes and links don't work, an address is long, and a sign-in is stale", TIMEOUT, async () => {
    const { page } = await openPage(browser, STILL);
    await page.goto(`${issuer}/login/recovery`);
    await page.getByLabel("Recovery code").fill("ABCDE-ABCDE");
    await button(page, "Sign in").click();
    await page.getByText("That code doesn’t work").last().waitFor();
    await inspect(page, "state-recovery-wrong");
    const link = await createSetupLink(owner, issuer, { kind: "invitation", role: "member", email: LONG_ADDRESS });
    await page.goto("url" in link ? link.url : "");
    await button(page, "Use a passkey").waitFor();
    await inspect(page, "state-setup-long");
    await page.goto(`${issuer}/setup`);
    await page.getByLabel("Setup code").fill("nonsense");
    await button(page, "Continue").click();
    await page.getByText("This link no longer works").last().waitFor();
    await inspect(page, "state-setup-over");
    await page.goto(`${issuer}/nothing`);
    await inspect(page, "state-not-found");
    const stale = await enter();
    await gatehouse.moveClock(400);
    await stale.page.goto(`${issuer}/account/security`);
    await stale.page.getByText("To change anything here").waitFor();
    await inspect(stale.page, "state-security-stale");
    await stale.page.goto(`${issuer}/admin`);
    await inspect(stale.page, "state-not-allowed");
    await gatehouse.moveClock(0);
  });
});
