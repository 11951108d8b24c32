import { afterAll, expect, test } from "vitest";
import { launchChromium, openPage, signInPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { startIssuer } from "../support/issuer.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const chromium = await launchChromium();
afterAll(() => chromium.close());

test("the owner trusts issuers and lets programs in, narrow and wide, light and dark, and axe finds nothing", {
  timeout: 240_000,
}, async () => {
  const boss = await gatehouse.addOwner("owner@example.com");
  const { page, complaints } = await openPage(chromium, { reducedMotion: "reduce" });
  await signInPage(gatehouse, page, boss);

  await page.goto(`${issuer}/admin/issuers`);
  await inspect(page, "admin-issuers-empty");
  const [people, programs] = [await startIssuer(), await startIssuer()];
  const trust = async (kind: string, name: string, address: string) => {
    await page.getByText("Trust an issuer").click();
    await page.getByLabel("What it vouches for").selectOption(kind);
    await page.getByLabel("Name", { exact: true }).first().fill(name);
    await page.getByLabel("Issuer URL").fill(address);
    await page.getByRole("button", { name: "Trust issuer" }).click();
  };
  await trust("Your people, by an identity provider", "acme", "https://accounts.google.com");
  await page.getByText("signs for everybody in the world").first().waitFor();
  await inspect(page, "admin-issuers-refused");
  await page.goto(`${issuer}/admin/issuers`);
  await trust("Your people, by an identity provider", "acme", people.issuer);
  await page.getByText("People who are here already").waitFor();
  await trust("Programs of another issuer", "builds", programs.issuer);
  await page.getByText("Let a program in").click();
  await page.locator("#program-name").fill("Deployment of the website");
  await page.getByLabel("Issuer", { exact: true }).selectOption("builds");
  await page.getByLabel("Permissions").fill("mcp:tools");
  await page.getByLabel("Claims that its token must have").fill("repository=acme/*\nref=refs/heads/main");
  await page.getByRole("button", { name: "Let program in" }).click();
  await page.locator("td", { hasText: "repository=acme/*" }).waitFor();
  await inspect(page, "admin-issuers");
  await page.getByRole("button", { name: "Turn off builds" }).click();
  await inspect(page, "admin-issuers-off");
  await page.locator(".confirm:popover-open .destroy").click();
  await page.getByText("Off", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Remove acme" }).click();
  await inspect(page, "admin-issuers-confirm");
  expect(complaints.filter((each) => !each.includes("status of 400"))).toEqual([]);
});
