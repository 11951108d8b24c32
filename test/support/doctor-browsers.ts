import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { authorize, type Person } from "../../src/dev/person.ts";
import type { Returned } from "../../src/doctor/account/callback.ts";
import type { Browser } from "../../src/doctor/account/sign-in.ts";

const toReturned = (url: URL): Returned => ({ path: url.pathname, params: url.searchParams });

/** Somebody who signs in at Gatehouse and allows what is asked. */
export const gatehouseBrowser = (browser: HeadlessBrowser, person: Person): Browser => ({
  signIn: async (url) => toReturned(await authorize(browser, url, person)),
  expectRefusal: async (url) => {
    const { left, status } = await browser.open(url);
    // Would allow everything on any page that asks.
    if (!left && status < 400) return toReturned(await authorize(browser, url, person));
    return left ? toReturned(left) : null;
  },
});

/** Somebody who follows the link on a page that allows everything. */
export const linkBrowser: Browser = {
  signIn: async (url) => {
    const returned = await follow(url);
    if (!returned) throw new Error(`nothing came back from ${url}`);
    return returned;
  },
  expectRefusal: (url) => follow(url),
};

async function follow(url: URL): Promise<Returned | null> {
  const answer = await fetch(url, { redirect: "manual" });
  const location = answer.headers.get("Location");
  if (location) return toReturned(new URL(location));
  const link = /href="([^"]+)"/.exec(await answer.text())?.[1];
  return link ? follow(new URL(link, url)) : null;
}
