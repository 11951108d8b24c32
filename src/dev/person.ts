import type { HeadlessBrowser, Page } from "./headless-browser.ts";

export type Person = { readonly email: string; readonly password: string };

/** Signs in if the page asks for it. Returns the next page. */
export async function signInOn(browser: HeadlessBrowser, page: Page, person: Person): Promise<Page> {
  if (!page.url.pathname.endsWith("/login")) return page;
  return browser.submit(page, page.url.pathname, person);
}

/** Answers a consent page. Returns where the browser is sent with the answer. */
export async function answerConsent(
  browser: HeadlessBrowser,
  page: Page,
  fields: { readonly decision: "allow" | "deny"; readonly scope?: readonly string[] },
): Promise<URL> {
  const answered = await browser.submit(page, page.url.pathname.replace(/authorize$/, "consent"), fields);
  if (!answered.left) throw new Error(`the consent led nowhere: ${answered.html.textContent}`);
  return answered.left;
}

/** Follows an authorization URL, signs in where asked, and allows everything. Returns the redirect with the answer. */
export async function authorize(browser: HeadlessBrowser, url: string | URL, person: Person): Promise<URL> {
  const page = await signInOn(browser, await browser.open(url), person);
  return page.left ?? answerConsent(browser, page, { decision: "allow" });
}
