import { afterAll, expect, test } from "vitest";
import { setAppRule } from "../../src/flows/admin/app-rules.ts";
import { launchChromium, openPage, signInPage } from "../support/chromium.ts";
import { beginDevice, DEVICE_METADATA } from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const chromium = await launchChromium();
afterAll(() => chromium.close());

test("an app waits for the owner and goes on by itself, narrow and wide, light and dark, and axe finds nothing", {
  timeout: 240_000,
}, async () => {
  const boss = await gatehouse.addOwner("owner@example.com");
  const ada = await gatehouse.addPerson("ada@example.com");
  const enter = async (person: { email: string }) => {
    const { page, complaints } = await openPage(chromium, { reducedMotion: "reduce" });
    await signInPage(gatehouse, page, person);
    return { page, complaints };
  };
  const [asking, deciding] = [await enter(ada), await enter(boss)];
  const { page: theirs } = asking;
  const { page } = deciding;

  await page.goto(`${issuer}/admin/new-apps`);
  await inspect(page, "admin-new-apps-empty");
  await page.getByText("Add a rule").click();
  await page.getByLabel("Host").fill("not a host");
  await page.getByRole("button", { name: "Save the rule" }).click();
  await page.getByText("Name a host like").first().waitFor();
  await inspect(page, "admin-new-apps-refused");
  await page.getByLabel("Host").fill("*.corp.example");
  await page.getByLabel("What happens").selectOption("Let in");
  await page.getByRole("button", { name: "Save the rule" }).click();
  const rule = page.locator("td:first-child", { hasText: "Apps published by *.corp.example" });
  await rule.waitFor();
  await setAppRule(owner, "redirect", "shady.example", "refuse");

  const names = ["Code editor", "A notebook with quite a long name that goes on and on", "Radio"];
  const apps = await Promise.all(names.slice(0, 2).map((client_name) => registerClient(gatehouse, { client_name })));
  const radio = await registerClient(gatehouse, { ...DEVICE_METADATA, client_name: "Radio" });
  const shady = await registerClient(gatehouse, { redirect_uris: ["https://fine.example/", "https://shady.example/"] });
  await setAppRule(owner, "registered", "", "ask");
  const { user_code } = await beginDevice(gatehouse, radio);
  await theirs.goto(`${issuer}/device?user_code=${user_code}`);
  await theirs.getByRole("button", { name: "Continue" }).click();
  await theirs.getByRole("heading", { name: "Radio needs the owner’s approval" }).waitFor();
  await inspect(theirs, "device-held");
  await theirs.goto(
    (await authorizationRequest(gatehouse, shady, { redirect_uri: "https://shady.example/" })).url.href,
  );
  await inspect(theirs, "app-refused");
  for (const app of apps.toReversed()) await theirs.goto((await authorizationRequest(gatehouse, app)).url.href);
  await theirs.getByRole("heading", { name: "Code editor needs the owner’s approval" }).waitFor();
  await inspect(theirs, "app-held");

  await page.goto(`${issuer}/admin`);
  await inspect(page, "admin-overview-waiting");
  await page.getByRole("link", { name: "3 new apps" }).click();
  await inspect(page, "admin-new-apps");
  await page.getByRole("button", { name: "Refuse Radio" }).click();
  await inspect(page, "admin-new-apps-confirm");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Remove the rule for apps published by *.corp.example" }).click();
  await inspect(page, "admin-new-apps-remove");
  await page.getByRole("button", { name: "Remove the rule" }).click();
  await rule.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Approve Code editor" }).click();
  await page.getByText("Approved").first().waitFor();
  // Without a click of hers.
  await theirs.getByRole("heading", { name: "Allow Code editor to use Weather?" }).waitFor({ timeout: 40_000 });
  await page.goto(`${issuer}/admin/audit`);
  await page.getByText("set the rule: apps that register themselves: ask me first").waitFor();
  const failed = /status of (400|403)/;
  expect([...asking.complaints, ...deciding.complaints].filter((each) => !failed.test(each))).toEqual([]);
});
