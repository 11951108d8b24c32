import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Gatehouse } from "./gatehouse.ts";

/** Debian's Chromium, cut off from the internet. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      // Chromium has no sandbox of its own for root.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });

/** A page whose errors are collected, above all violations of the content security policy. */
export async function openPage(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}) {
  const page = await (await browser.newContext(options)).newPage();
  // Shorter than the test's timeout, so that a failure names the step.
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return { page, complaints };
}

/** Signs a person in, without using the page, and anybody else out. */
export async function signInPage(gatehouse: Gatehouse, page: Page, person: { readonly email: string }): Promise<void> {
  const { cookies } = await gatehouse.signedInBrowser(person);
  await page.context().clearCookies();
  const session = { name: "gatehouse_session", value: cookies.get("gatehouse_session") ?? "", url: gatehouse.issuer };
  await page.context().addCookies([session]);
}

/**
 * A device that makes and uses passkeys without asking anybody. Returns a function that turns its presence on and off.
 */
export async function addAuthenticator(context: BrowserContext, page: Page) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    answers: (enabled: boolean) =>
      devtools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
  };
}
