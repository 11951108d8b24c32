import type { HTMLElement } from "node-html-parser";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { beginDevice, DEVICE_METADATA, viewDevice } from "../support/device.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { connectApp, pagePaths } from "../support/page-paths.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, owner, browser } = await ownerScene();
const shown = await connectApp(gatehouse, browser);
const stylesheet = `${issuer}/style.css`;

const MEDIA = "img, source, video, audio, iframe, embed, object, image, use, input[type=image]";
const ADDRESSES = ["src", "srcset", "href", "xlink:href", "data", "poster"];

const addressesOf = (element: HTMLElement): readonly string[] =>
  ADDRESSES.map((name) => element.getAttribute(name) ?? "").filter((address) => !/^(data:|#|$)/.test(address));

/** A script that is a module, deferred or async doesn't hold up the page. */
const isBlocking = (script: HTMLElement) =>
  script.getAttribute("type") !== "module" && !script.hasAttribute("defer") && !script.hasAttribute("async");

/** What a browser fetches before it shows the page, beside the page. It fetches the icon later. */
function requestsBeforePaint({ html }: Page): readonly string[] {
  const links = html.querySelectorAll("link").filter((link) => link.getAttribute("rel") !== "icon");
  const scripts = html.querySelectorAll("script").filter(isBlocking);
  return [...links, ...scripts, ...html.querySelectorAll(MEDIA)].flatMap(addressesOf);
}

describe("the first paint of a page", () => {
  test.each(pagePaths(gatehouse, shown, owner))(
    "%s needs the stylesheet alone, and reports the time that it took, signed in or not",
    async (path) => {
      for (const by of [browser, createHeadlessBrowser()]) {
        const page = await by.open(issuer + path);
        expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
        expect(requestsBeforePaint(page)).toEqual([stylesheet]);
        expect(page.headers.get("Server-Timing")).toMatch(/total;dur=/);
      }
    },
  );

  test("the questions of a browser and a device, and the sign-in before them, need the stylesheet alone", async () => {
    const consent = await browser.open((await authorizationRequest(gatehouse, shown.app)).url);
    const television = await registerClient(gatehouse, DEVICE_METADATA);
    const device = await viewDevice(gatehouse, browser, await beginDevice(gatehouse, television));
    const login = await createHeadlessBrowser().open((await authorizationRequest(gatehouse, shown.app)).url);
    for (const page of [consent, device, login]) {
      expect(requestsBeforePaint(page)).toEqual([stylesheet]);
      expect(page.headers.get("Server-Timing")).toMatch(/total;dur=/);
    }
  });

  test("the stylesheet fetches nothing more", async () => {
    const style = await (await fetch(stylesheet)).text();
    expect(style).not.toMatch(/@import|@font-face|url\((?!["']?(data:|#))/);
  });
});
