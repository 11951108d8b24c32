import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { launchChromium, openPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer } from "../support/linked.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
await addGitHub(gatehouse, { signsIn: true });
const issues = await addIssuesServer(gatehouse, "github");
const person = await gatehouse.addPerson();
await owner.db.run(sql`update users set role = 'owner' where id = ${person.id} returning true`);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await launchChromium();
afterAll(() => browser.close());

type Axe = { readonly run: () => Promise<{ readonly violations: readonly { readonly id: string }[] }> };

test("A7 a person links an account in a browser, and axe finds nothing on the way", { timeout: 120_000 }, async () => {
  const { page, complaints } = await openPage(browser, { bypassCSP: true });
  const look = async (heading: string) => {
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    for (const width of [320, 1280]) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
        expect(
          violations.map(({ id }) => id),
          `${heading}, ${width}, ${colorScheme}`,
        ).toEqual([]);
        const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
        expect(overflow, `${heading} at ${width}`).toBeLessThanOrEqual(0);
      }
    }
  };
  const client = await registerClient(gatehouse);
  const { url } = await authorizationRequest(gatehouse, client, { resource: issues.uri });
  await page.route("https://app.example/**", (route) =>
    route.fulfill({ body: "<h1>Done</h1>", contentType: "text/html" }),
  );
  await page.goto(url.href);
  await look("Sign in");
  await page.getByLabel("Email address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in with a password" }).click();
  await look("Allow Test client to use Issues?");
  await page.getByRole("button", { name: "Allow" }).click();
  await look("Let Issues use your GitHub account?");
  await page.getByRole("button", { name: "Continue to GitHub" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("heading", { name: "Done" }).waitFor();
  expect(new URL(page.url()).searchParams.has("code")).toBe(true);
  for (const [path, heading] of [
    ["/account/linked", "Linked accounts"],
    ["/account/security", "Security"],
    ["/admin/providers", "Providers"],
    ["/admin/providers/github", "GitHub"],
  ] as const) {
    await page.goto(issuer + path);
    await look(heading);
  }
  await page.goto(`${issuer}/account/linked`);
  await page.getByRole("button", { name: "Unlink octocat at GitHub" }).click();
  await page.getByRole("button", { name: "Unlink", exact: true }).last().click();
  await page.getByText("Unlinked.").waitFor();
  // Chromium says so of every way to another site while a page is on its way in.
  expect(complaints.filter((complaint) => !complaint.includes("ViewTransition"))).toEqual([]);
});
