import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { ADVICE, adviceFor } from "../../src/oauth/refusal-advice.ts";
import { describeEnd, describeTimeline, REASONS } from "../../src/routes/pages/account/timeline.ts";
import { AUDIT_WORDS } from "../../src/routes/pages/audit-words.ts";
import { AUDIT_EVENTS } from "../../src/store/audit-events.ts";
import { beginDevice, DEVICE_METADATA, viewDevice } from "../support/device.ts";
import { findOddWords } from "../support/glossary.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { connectApp, pagePaths } from "../support/page-paths.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, owner, browser } = await ownerScene({ email: "ada@example.com" });
const shown = await connectApp(gatehouse, browser);
const { app } = shown;

const MAX_BYTES = 60_000;

/** What a person reads of a page, leaving out code, names that others chose, and script or style. */
function readText({ html }: Page): string {
  for (const each of html.querySelectorAll("code, pre, bdi, title, script, style")) each.remove();
  const hidden = html
    .querySelectorAll("[aria-label], [placeholder], [title]")
    .map((each) => ["aria-label", "placeholder", "title"].map((name) => each.getAttribute(name) ?? "").join(" "));
  return `${html.textContent} ${hidden.join(" ")}`.replaceAll(/\s+/g, " ");
}

describe("the words of the pages", () => {
  test.each(pagePaths(gatehouse, shown, owner))(
    "%s uses only words for people, and is smaller than 60 KB",
    async (path) => {
      const page = await browser.open(issuer + path);
      expect(new TextEncoder().encode(page.html.toString()).length).toBeLessThan(MAX_BYTES);
      expect(findOddWords(readText(page))).toEqual([]);
    },
  );

  test("the questions of a browser and a device, and the sign-in before them, use only words for people", async () => {
    const consent = await browser.open((await authorizationRequest(gatehouse, app)).url);
    const television = await registerClient(gatehouse, DEVICE_METADATA);
    const device = await viewDevice(gatehouse, browser, await beginDevice(gatehouse, television));
    const login = await createHeadlessBrowser().open((await authorizationRequest(gatehouse, app)).url);
    for (const page of [consent, device, login]) expect(findOddWords(readText(page))).toEqual([]);
  });

  test("the sentences of the audit log use only words for people", () => {
    for (const { label, sentence } of Object.values(AUDIT_WORDS))
      expect(findOddWords(`${label}. ${sentence}`)).toEqual([]);
  });

  test("the lines of a connection's history use only words for people, however it ended", () => {
    const event = { at: 0, address: null, details: null, count: 1 };
    const ends = Object.keys(REASONS).map((reason) => describeEnd(reason));
    const lines = AUDIT_EVENTS.flatMap((name) => describeTimeline([{ ...event, name }], null)).map(({ text }) => text);
    expect(lines.length).toBeGreaterThan(10);
    for (const line of [...ends, ...lines]) expect(findOddWords(line)).toEqual([]);
    expect(lines.filter((line) => /[{}]|undefined/.test(line))).toEqual([]);
  });

  test("the advice on refusals uses only words for people", () => {
    for (const reason of Object.keys(ADVICE)) {
      const { what, change } = adviceFor(reason);
      expect(findOddWords(`${what} ${change.replaceAll(/`[^`]*`/g, "")}`)).toEqual([]);
    }
  });

  test("the glossary finds a forbidden word", () => {
    expect(findOddWords("Links that wait. Go on, once more.")).toHaveLength(3);
  });
});

test("the style and the script are small", async () => {
  const sizes = await Promise.all(
    ["style.css", "page.js"].map(async (name) => (await (await fetch(`${issuer}/${name}`)).arrayBuffer()).byteLength),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(35_000);
});
