import { gzipSync } from "node:zlib";
import { sql } from "drizzle-orm";
import type { Page, Response } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, openPage, signInPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { fillWithPlenty, LONG_ADDRESS, LONG_NAME, RIGHT_TO_LEFT } from "../support/plenty.ts";
import { readServerMap } from "../support/server-map.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const browser = await launchChromium();
afterAll(() => browser.close());

const person = await gatehouse.addOwner("ada@example.com");
await fillWithPlenty(gatehouse, person.email);

/** A page for signed-in people. */
async function open(options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
  const { page } = await openPage(browser, { reducedMotion: "reduce", ...options });
  await signInPage(gatehouse, page, person);
  return page;
}

const [client] = await owner.db.read<{ id: string }>(
  sql`select id from clients where id like 'https:%' order by id limit 1`,
);
const [connection] = await owner.db.read<{ id: string }>(sql`
  select id from token_families where user_id = ${person.id} and revoked_at is null and expires_at > now() order by id limit 1`);
/** The pages that need no parameter. A new one can't be forgotten. */
const PLAIN = readServerMap()
  .filter(({ method, isPage, path }) => method === "GET" && isPage && /^\/(account|admin)(\/[a-z-]+)?$/.test(path))
  .map(({ path }) => [path.slice(1).replace("/", "-"), path] as const);
const PAGES = {
  ...Object.fromEntries(PLAIN),
  "account-ended": "/account?ended",
  "account-connection": `/account/connections/${connection?.id}`,
  "account-connection-filtered": `/account/connections/${connection?.id}?routine=hidden`,
  admin: "/admin?range=90",
  "admin-resource": "/admin/resources/server1",
  "admin-client": `/admin/clients/one?${new URLSearchParams({ id: client?.id ?? "" })}`,
  "admin-person": `/admin/people/one?${new URLSearchParams({ email: LONG_ADDRESS })}`,
  "admin-person-connected": `/admin/people/one?${new URLSearchParams({ email: person.email })}`,
  "admin-group": `/admin/groups/one?${new URLSearchParams({ name: `${RIGHT_TO_LEFT} 1` })}`,
  "admin-resource-access": "/admin/resources/server3",
  "admin-provider": "/admin/providers/provider3",
};

describe("with plenty of data", () => {
  let page: Page;
  beforeAll(async () => {
    page = await open();
  });

  test.each(Object.entries(PAGES))(
    "%s can be read, narrow and wide, light and dark, and weighs little",
    {
      timeout: 120_000,
    },
    async (name, path) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      const bodies: Promise<Buffer>[] = [];
      const collect = (response: Response) => void bodies.push(response.body());
      page.on("response", collect);
      await page.goto(issuer + path, { waitUntil: "networkidle" });
      page.off("response", collect);
      const weights = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
      expect(weights.length, "what the page loads").toBeGreaterThanOrEqual(3);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThan(60_000);
      expect((await bodies[0])?.length).toBeLessThan(60_000);
      const height = await page.evaluate<number>("document.documentElement.scrollHeight");
      expect(height, `${name} is ${height} px high`).toBeLessThan(5000);
      await inspect(page, `plenty-${name}`);
    },
  );

  test.each([
    ["long", LONG_NAME],
    ["right-to-left", RIGHT_TO_LEFT],
  ])("the consent page has room for a name that is %s", async (name, client_name) => {
    const app = await registerClient(gatehouse, { client_name });
    await page.goto((await authorizationRequest(gatehouse, app)).url.href);
    await inspect(page, `plenty-consent-${name}`);
  });
});

test("the error page has room for the long URL of an unknown app", async () => {
  const page = await open();
  const client_id = `https://${"assistant-".repeat(6)}.example/${"a-path-without-an-end".repeat(12)}`;
  await page.goto(`${issuer}/authorize?${new URLSearchParams({ client_id, redirect_uri: `${client_id}/callback` })}`);
  await page.getByText("Reference:").waitFor();
  await inspect(page, "plenty-error");
  await page.context().close();
});

describe("for people who change how pages look", () => {
  test.each(Object.entries(PAGES))("WCAG 2.2 §1.4.4 at 200 %% nothing of %s sticks out", async (_, path) => {
    // A window of 1,280 px has 640 at 200 %.
    const page = await open({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
    await page.goto(issuer + path);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    await page.context().close();
  });

  test.each(["/admin", "/account", "/admin/clients"])(
    "with forced colours, %s shows which page is the current one",
    async (path) => {
      const page = await open({ forcedColors: "active" });
      await page.goto(issuer + path);
      const here = page.locator('.rail [aria-current="page"]');
      await here.waitFor();
      expect(
        await page.evaluate(`getComputedStyle(document.querySelector('.rail [aria-current="page"]')).outlineStyle`),
      ).toBe("solid");
      await inspect(page, `forced-colours${path.replaceAll("/", "-")}`);
      await page.context().close();
    },
  );

  test.each(Object.entries(PAGES))(
    "with forced colours, without script and by keyboard, %s shows what has the focus",
    async (_, path) => {
      const page = await open({ javaScriptEnabled: false, forcedColors: "active" });
      await page.goto(issuer + path);
      const focused = () =>
        page.evaluate<[string, string, boolean]>(`(() => {
          const { textContent, closest } = document.activeElement;
          const isInside = closest.call(document.activeElement, "main") !== null;
          return [textContent.trim(), getComputedStyle(document.activeElement).outlineStyle, isInside];
        })()`);
      await page.keyboard.press("Tab");
      expect(await focused()).toEqual(["Skip to the content", expect.not.stringMatching("none"), false]);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect((await focused()).slice(1)).toEqual([expect.not.stringMatching("none"), true]);
      await page.context().close();
    },
  );

  test("with reduced motion, nothing moves", async () => {
    const page = await open();
    await page.goto(`${issuer}/account`);
    expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    await page.context().close();
  });
});

describe("by keyboard, without script", () => {
  test("the menu of a phone opens, leads on, and closes with Escape", async () => {
    const page = await open({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    await page.goto(`${issuer}/account`);
    const link = page.getByRole("link", { name: "Security" });
    expect(await link.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Menu" }).focus();
    await page.keyboard.press("Enter");
    expect(await link.isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await link.isVisible()).toBe(false);
    await page.keyboard.press("Enter");
    await link.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Security", level: 1 }).waitFor();
    await page.context().close();
  });

  test("an act that can't be undone asks first, and Escape doesn't confirm it", async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${issuer}/account`);
    const ends = page.getByRole("button", { name: /^End access/ });
    const before = await ends.count();
    await ends.first().focus();
    await page.keyboard.press("Enter");
    await page.getByText("It can no longer use").first().waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByText("It can no longer use").first().isVisible()).toBe(false);
    await page.reload();
    expect(await ends.count()).toBe(before);
    await page.context().close();
  });

  test("several apps are deleted at once after a question", async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${issuer}/admin/clients?state=unused`);
    const count = await page.locator("tbody tr").count();
    for (const row of [0, 1]) await page.locator("tbody [type=checkbox]").nth(row).check();
    await page.getByRole("button", { name: "Delete selected" }).click();
    await page.getByRole("heading", { name: "Delete 2 apps?" }).waitFor();
    await page.getByRole("button", { name: "Delete 2 apps" }).click();
    await page.getByText("The selected apps are deleted").waitFor();
    await page.goto(`${issuer}/admin/clients?state=unused`);
    expect(await page.locator("tbody tr").count()).toBe(count - 2);
    await page.context().close();
  });

  test("a scope can be added and removed, and Enter saves instead of removing", async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${issuer}/admin/resources/server2`);
    const names = page.getByLabel("Name", { exact: true });
    const count = await names.count();
    await page.getByRole("button", { name: "Add a scope" }).click();
    expect(await names.count()).toBe(count + 1);
    await page
      .getByRole("button", { name: /^Remove scope/ })
      .last()
      .click();
    expect(await names.count()).toBe(count);
    await page.getByLabel("What it lets an app do").first().fill("Look at the sky");
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    expect(await page.getByLabel("What it lets an app do").first().inputValue()).toBe("Look at the sky");
    await page.context().close();
  });
});

test("with script, a button copies the text that is to be pasted", async () => {
  const page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`${issuer}/admin/resources/server1`);
  await page.getByRole("button", { name: "Copy the server URL" }).click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toMatch(/^https:\/\/server-1\./);
});

test("with script, a button shows that it is busy while an answer takes long", async () => {
  const page = await open();
  await page.route("**/account/sessions", async (route) => {
    if (route.request().method() === "POST") await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await page.goto(`${issuer}/account/sessions`);
  // A page that is being left answers no questions, so it records what it showed.
  await page.evaluate(`new MutationObserver((changes) => sessionStorage.setItem("busy", changes[0].target.textContent))
    .observe(document.body, { subtree: true, attributeFilter: ["aria-busy"] })`);
  await page
    .getByRole("button", { name: /^Sign out Firefox/ })
    .first()
    .click();
  await page.getByText("Signed out.", { exact: true }).waitFor();
  expect(await page.evaluate("sessionStorage.getItem('busy')")).toBe("Sign out");
  expect(await page.locator("[aria-busy]").count()).toBe(0);
  await page.context().close();
});
