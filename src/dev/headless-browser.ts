import { type HTMLElement, parse } from "node-html-parser";

/** Where a navigation ended: a page, or a redirect that leaves the server (to a client's redirect URI). */
export type Page = {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: HTMLElement;
  /** Where the browser was last sent, if that is another server. */
  readonly left: URL | null;
};

export type HeadlessBrowser = {
  /** Cookies by name, as a person could see them. */
  readonly cookies: Map<string, string>;
  open(url: string | URL): Promise<Page>;
  /** Submits the form with this action. The given fields replace the form's own. */
  submit(page: Page, action: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Page>;
};

/** A browser without script: it keeps cookies, follows redirects on one server and fills in forms. */
export function createHeadlessBrowser(headers: Readonly<Record<string, string>> = {}): HeadlessBrowser {
  const cookies = new Map<string, string>();

  const request = async (url: URL, init: RequestInit): Promise<Page> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { Accept: "text/html,*/*", ...headers, ...(cookie ? { Cookie: cookie } : {}), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) keepCookie(cookies, line);
    const location = response.headers.get("Location");
    const next = location === null ? null : new URL(location, url);
    if (next && next.origin === url.origin && response.status === 303) {
      await response.body?.cancel();
      return request(next, {});
    }
    const { status } = response;
    return { url, status, headers: response.headers, html: parse(await response.text()), left: next };
  };

  return {
    cookies,
    open: (url) => request(new URL(url), {}),
    submit: (page, action, fields) => {
      const form = page.html.querySelectorAll("form").find((each) => formUrl(each, page).pathname === action);
      if (!form) throw new Error(`there is no form for ${action} on ${page.url.pathname}: ${page.html.textContent}`);
      const body = new URLSearchParams(readFields(form));
      for (const [name, value] of Object.entries(fields)) {
        body.delete(name);
        for (const each of typeof value === "string" ? [value] : value) body.append(name, each);
      }
      return request(formUrl(form, page), {
        method: "POST",
        body,
        headers: { Origin: "null", "Sec-Fetch-Site": "same-origin" },
      });
    },
  };
}

const formUrl = (form: HTMLElement, page: Page) => new URL(form.getAttribute("action") ?? "", page.url);

/** What a browser would send: inputs with a name, and checkboxes only if they are ticked. */
const readFields = (form: HTMLElement): [string, string][] =>
  form
    .querySelectorAll("input[name]")
    .filter((input) => input.getAttribute("type") !== "checkbox" || input.hasAttribute("checked"))
    .map((input) => [input.getAttribute("name") ?? "", input.getAttribute("value") ?? ""]);

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
  const [name = "", value = ""] = pair.split(/=(.*)/s);
  if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) cookies.delete(name);
  else cookies.set(name, value);
}
