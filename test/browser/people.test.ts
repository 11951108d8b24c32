import { createServer, type Server } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { createSetupLink, inviteFirstOwner } from "../../src/flows/admin/setup-links.ts";
import { addAuthenticator, launchChromium, openPage } from "../support/chromium.ts";
import { PASSWORD, startGatehouse } from "../support/gatehouse.ts";
import { authorizationRequest, introspect, redeem, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const browser = await launchChromium();
const servers: Server[] = [];
afterAll(async () => {
  await browser.close();
  for (const server of servers) server.close();
});

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** The address at which a program on this machine waits for its answer. */
async function startClient() {
  const port = await findFreePort();
  const server = createServer((_, response) => response.end("You can close this page"));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const client = await registerClient(gatehouse, { redirect_uris: ["http://127.0.0.1/callback"] });
  return { client, redirect_uri: `http://127.0.0.1:${port}/callback` };
}

const scopesOf = async (token: string) =>
  ((await (await introspect(gatehouse, token)).json()) as { active: boolean; scope?: string }).scope ?? "inactive";

describe("the first owner's way through the pages", () => {
  test("the owner sets up a passkey, consents, narrows and revokes a connection, and invites a member", async () => {
    const { page, complaints } = await openPage(browser);
    await addAuthenticator(page.context(), page);
    // Otherwise the authenticator would answer the offer beside the address by itself, before there is a click.
    await page.addInitScript("PublicKeyCredential.isConditionalMediationAvailable = async () => false");
    await page.goto((await inviteFirstOwner(owner, issuer))?.url ?? "");
    await page.getByLabel("Your email address").fill("owner@example.com");
    await button(page, "Continue").click();
    await button(page, "Use a passkey").click();
    await page.waitForURL("**/account/security?done=set_up");
    expect(page.url()).not.toContain("gthl_");

    await button(page, "Sign out").click();
    await page.waitForURL("**/login");
    await button(page, "Sign in with a passkey").click();
    await page.waitForURL("**/account");

    const { client, redirect_uri } = await startClient();
    const { url, verifier } = await authorizationRequest(gatehouse, client, { redirect_uri });
    await page.goto(url.href);
    await page.getByLabel("Read its resources").uncheck();
    await page.getByLabel("Access ends after").selectOption("1 hour");
    await button(page, "Allow").click();
    await page.getByText("You can close this page").waitFor();
    const code = new URL(page.url()).searchParams.get("code") ?? "";
    const redeemed = await redeem(gatehouse, client, { code, verifier, redirectUri: redirect_uri });
    const { access_token: token } = (await redeemed.json()) as { access_token: string };
    expect(await scopesOf(token)).toBe("mcp:tools mcp:prompts");

    await page.goto(`${issuer}/account`);
    await page.getByRole("link", { name: "Test client" }).click();
    await page.getByLabel("Use its prompts").uncheck();
    await button(page, "Save permissions").click();
    await page.getByText("The app can do less from now on").waitFor();
    expect(await scopesOf(token)).toBe("mcp:tools");
    await page.getByRole("button", { name: /^End access/ }).click();
    await page.locator(".confirm:popover-open .destroy").click();
    await page.getByText("Access ended").waitFor();
    expect(await scopesOf(token)).toBe("inactive");

    await page.getByRole("link", { name: "People" }).click();
    await page.getByText("Invite someone").click();
    await page.getByLabel("Email address", { exact: true }).fill("guest@example.com");
    await button(page, "Create invitation").click();
    const link = (await page.locator(".secret code").textContent()) ?? "";
    const guest = (await openPage(browser)).page;
    await addAuthenticator(guest.context(), guest);
    await guest.goto(link);
    await button(guest, "Use a passkey").click();
    await guest.waitForURL("**/account/security?done=set_up");
    expect(await guest.getByRole("link", { name: "Overview" }).count()).toBe(0);

    await page.getByRole("link", { name: "Apps", exact: true }).click();
    await page.getByRole("link", { name: "Test client" }).click();
    await button(page, "Approve").click();
    await page.getByText("Checked and approved by the people who run this service").waitFor();
    expect(complaints).toEqual([]);
  });

  test("a passkey is offered while the address is being filled in", async () => {
    const person = await gatehouse.addPerson();
    const { page } = await openPage(browser);
    await addAuthenticator(page.context(), page);
    await page.goto(`${issuer}/login`);
    await page.getByLabel("Email address").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await button(page, "Sign in with a password").click();
    await page.waitForURL("**/account");
    await page.goto(`${issuer}/account/security`);
    await page.getByLabel("Name of the new passkey").fill("This laptop");
    await button(page, "Add a passkey").click();
    await page.getByText("Passkey added").waitFor();
    await page.getByText("Rename").first().click();
    await page.getByLabel("New name").fill("Another name");
    await button(page, "Rename").click();
    await page.getByText("Renamed.").waitFor();
    await button(page, "Undo").click();
    await page.getByRole("heading", { name: "This laptop" }).waitFor();
    expect(await button(page, "Undo").count()).toBe(0);
    // The authenticator answers by itself, like a person who picks the passkey from the list.
    await button(page, "Sign out").click();
    await page.waitForURL("**/account");
    expect(await page.getByText(person.email).count()).toBe(1);
  });

  test("a denied request goes back to the app with the reason", async () => {
    const person = await gatehouse.addPerson();
    const { client, redirect_uri } = await startClient();
    const { page } = await openPage(browser);
    await page.goto((await authorizationRequest(gatehouse, client, { redirect_uri })).url.href);
    await page.getByLabel("Email address").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await button(page, "Sign in with a password").click();
    await button(page, "Deny").click();
    await page.getByText("You can close this page").waitFor();
    expect(new URL(page.url()).searchParams.get("error")).toBe("access_denied");
  });
});

describe("without script", () => {
  test("everything but passkeys works: setup, sign-in, consent, connected apps, the dashboard", async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false });
    const link = await createSetupLink(owner, issuer, {
      kind: "invitation",
      role: "owner",
      email: "plain@example.com",
    });
    if ("problem" in link) throw new Error(link.problem);
    await page.goto(link.url);
    await page.getByLabel("Setup code").fill(new URL(link.url).hash.slice(1));
    await button(page, "Continue").click();
    expect(await button(page, "Use a passkey").isVisible()).toBe(false);
    await page.getByLabel("Password").fill(PASSWORD);
    await button(page, "Use a password").click();
    await page.waitForURL("**/account/security?done=set_up");
    expect(await button(page, "Add a passkey").isVisible()).toBe(false);
    await button(page, "Create recovery codes").click();
    expect(await page.locator(".codes code").count()).toBe(8);

    await button(page, "Sign out").click();
    await page.getByLabel("Email address").fill("plain@example.com");
    await page.getByLabel("Password").fill(PASSWORD);
    await button(page, "Sign in with a password").click();
    const { client, redirect_uri } = await startClient();
    const { url, verifier } = await authorizationRequest(gatehouse, client, { redirect_uri });
    await page.goto(url.href);
    await button(page, "Allow").click();
    const code = new URL(page.url()).searchParams.get("code") ?? "";
    expect((await redeem(gatehouse, client, { code, verifier, redirectUri: redirect_uri })).status).toBe(200);
    await page.goto(`${issuer}/account`);
    await page
      .getByRole("button", { name: /^End access/ })
      .first()
      .click();
    await page.locator(".confirm:popover-open .destroy").click();
    await page.getByText("Access ended").waitFor();
    await page.getByRole("link", { name: "Servers" }).click();
    await page.getByText("Add server").click();
    await page.getByLabel("Server URL").fill("https://plain.example/mcp");
    await button(page, "Add").click();
    await page.getByText("It is not shown again").waitFor();
  });
});

describe("by keyboard", () => {
  test("a person can sign in and answer a consent page, and always sees what has the focus", async () => {
    const person = await gatehouse.addPerson();
    const { client, redirect_uri } = await startClient();
    const { page } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto((await authorizationRequest(gatehouse, client, { redirect_uri })).url.href);
    const focus = () =>
      page.evaluate<string>(`(() => { const e = document.activeElement;
        return getComputedStyle(e).outlineStyle + " " + (e.name || e.textContent.trim()); })()`);
    await page.keyboard.press("Tab");
    expect(await focus()).toBe("solid email");
    await page.keyboard.type(person.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(person.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Allow/ }).waitFor();
    await page.keyboard.press("Tab");
    expect(await focus()).toBe("solid scope");
    await page.keyboard.press("Space");
    for (let n = 0; n < 4; n++) await page.keyboard.press("Tab");
    expect(await focus()).toBe("solid decision");
    await page.keyboard.press("Enter");
    await page.getByText("You can close this page").waitFor();
    expect(new URL(page.url()).searchParams.get("code")).toBeTruthy();
  });
});
