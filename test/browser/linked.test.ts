import { afterAll, expect, test } from "vitest";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { launchChromium, openPage, signInPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { addIssuesServer } from "../support/linked.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
await addGitHub(gatehouse, { signsIn: true, joining: ["invited"] });
const issues = await addIssuesServer(gatehouse, "github");
const person = await gatehouse.addOwner();
const browser = await launchChromium();
afterAll(() => browser.close());

test("A7 a person can link an account in a browser, and axe finds nothing on the way", {
  timeout: 240_000,
}, async () => {
  const { page, complaints } = await openPage(browser, { reducedMotion: "reduce" });
  const look = async (heading: string, name: string) => {
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await inspect(page, name);
  };
  const client = await registerClient(gatehouse);
  const { url } = await authorizationRequest(gatehouse, client, { resource: issues.uri });
  await page.route("https://app.example/**", (route) =>
    route.fulfill({ body: "<h1>Done</h1>", contentType: "text/html" }),
  );
  await page.goto(url.href);
  await look("Sign in", "linked-login");
  await page.getByLabel("Email address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in with a password" }).click();
  await look("Allow Test client to use Issues?", "linked-consent");
  await page.getByRole("button", { name: "Allow" }).click();
  await look("Let Issues use your GitHub account?", "linked-connect");
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
    await look(heading, `linked${path.replaceAll("/", "-")}`);
  }
  await page.goto(`${issuer}/admin/providers`);
  await page.getByText("Add a provider", { exact: true }).click();
  await page.getByText("For another provider").click();
  await inspect(page, "linked-new-provider");
  await page.goto(`${issuer}/admin/providers/github`);
  await page.getByRole("button", { name: "Check the setup" }).click();
  await page.getByRole("status").first().waitFor();
  await inspect(page, "linked-provider-checked");
  await page.goto(`${issuer}/account/linked`);
  await page.getByRole("button", { name: "Unlink octocat at GitHub" }).click();
  await page.getByRole("button", { name: "Unlink", exact: true }).last().click();
  await page.getByText("Unlinked.").waitFor();
  // Chromium reports this for every navigation to another site while a page fades in.
  expect(complaints.filter((complaint) => !complaint.includes("ViewTransition"))).toEqual([]);
});

test("A7 a person can answer the question for an account, or put it off, by keyboard, without script and at 200 %", async () => {
  const { page } = await openPage(browser, {
    javaScriptEnabled: false,
    viewport: { width: 640, height: 400 },
    deviceScaleFactor: 2,
    forcedColors: "active",
  });
  await signInPage(gatehouse, page, await gatehouse.addPerson());
  await page.route("https://app.example/**", (route) =>
    route.fulfill({ body: "<h1>Done</h1>", contentType: "text/html" }),
  );
  const { url } = await authorizationRequest(gatehouse, await registerClient(gatehouse), { resource: issues.uri });
  await page.goto(url.href);
  await page.getByRole("button", { name: "Allow" }).press("Enter");
  const skip = page.getByRole("button", { name: "Skip for now" });
  await skip.waitFor();
  expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "Continue to GitHub" }).focus();
  await page.keyboard.press("Tab");
  expect(await skip.evaluate((button) => button.matches(":focus-visible"))).toBe(true);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Done" }).waitFor();
  await page.context().close();
});

test("A7 the page of an invitation offers accounts of providers, and axe finds nothing", async () => {
  const { page, complaints } = await openPage(browser, { reducedMotion: "reduce" });
  const invitation = { kind: "invitation", role: "member", email: "octocat@users.example" } as const;
  const link = await createSetupLink(owner, issuer, invitation);
  await page.goto("url" in link ? link.url : "");
  await page.getByRole("button", { name: "Use your GitHub account" }).waitFor();
  await inspect(page, "linked-invitation");
  expect(complaints).toEqual([]);
});
