import type { HeadlessBrowser, Page } from "../../src/dev/headless-browser.ts";
import { postForm } from "./oauth-client.ts";

/** What a page says, without its layout. */
export const textOf = ({ html }: Page): string => html.textContent.replaceAll(/\s+/g, " ");

/** The CSRF token of a page's forms. Empty if it has none. */
export const csrfOf = ({ html }: Page): string => html.querySelector("[name=csrf]")?.getAttribute("value") ?? "";

/** The header in which a browser sends its cookies. */
export const cookieOf = ({ cookies }: HeadlessBrowser): { readonly Cookie: string } => ({
  Cookie: [...cookies].map((pair) => pair.join("=")).join("; "),
});

/** Sends a form that a page may not offer, with the cookies of a browser and the CSRF token of another of its pages. */
export async function sendForm(
  browser: HeadlessBrowser,
  action: string,
  fields: Readonly<Record<string, string>> = {},
  csrfPage = "/account",
): Promise<Response> {
  const page = await browser.open(new URL(csrfPage, action));
  return postForm(action, { csrf: csrfOf(page), ...fields }, cookieOf(browser));
}
