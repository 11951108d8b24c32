import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { beginDevice, DEVICE_METADATA, viewDevice } from "../support/device.ts";
import { authorizationRequest, grantTokens, registerClient, type TestClient } from "../support/oauth-client.ts";
import { textOf } from "../support/pages.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer, browser } = await scene();

const ask = async (client: TestClient, by: HeadlessBrowser = browser): Promise<Page> =>
  by.open((await authorizationRequest(gatehouse, client, { scope: "mcp:tools mcp:resources mcp:prompts" })).url);
const problemOf = (page: Page) => page.html.querySelector("#problem")?.textContent;

describe("People: the question whether an app may use a server", () => {
  test("People: if nothing is ticked, the page stays, says so, and can still be answered", async () => {
    const client = await registerClient(gatehouse, { client_name: "Code editor" });
    const again = await browser.submit(await ask(client), "/consent", { decision: "allow", scope: [] });
    expect([again.status, again.left, problemOf(again)]).toEqual([
      400,
      null,
      "Nothing is ticked. Tick at least one permission, or choose Deny.",
    ]);
    expect(textOf(again)).toContain("Allow Code editor to use Weather?");
    expect(again.html.querySelectorAll('[name="scope"][checked]')).toEqual([]);
    const answer = await browser.submit(again, "/consent", { decision: "allow", scope: ["mcp:tools"] });
    expect(answer.left?.searchParams.get("code")).toBeTruthy();
  });

  test("People: if nothing is ticked on a device, the page stays as well", async () => {
    const television = await registerClient(gatehouse, DEVICE_METADATA);
    const begun = await beginDevice(gatehouse, television);
    const page = await viewDevice(gatehouse, browser, begun);
    const again = await browser.submit(page, "/device/decide", { decision: "allow", scope: [] });
    expect([again.status, problemOf(again)]).toEqual([
      400,
      "Nothing is ticked. Tick at least one permission, or choose Deny.",
    ]);
    expect(textOf(again)).toContain("Not you?");
    const done = await browser.submit(again, "/device/decide", { decision: "allow", scope: ["mcp:tools"] });
    expect(textOf(done)).toContain("Device connected");
  });

  test.each([{}, { decision: "" }, { decision: "maybe" }])(
    "People: the answer %j is none, so the page stays and nothing is denied",
    async (fields) => {
      const answer = { ...fields, scope: ["mcp:tools"] };
      const again = await browser.submit(await ask(await registerClient(gatehouse)), "/consent", answer);
      expect([again.status, again.left, problemOf(again)]).toEqual([400, null, "Choose Allow or Deny."]);
      const allowed = await browser.submit(again, "/consent", { decision: "allow", scope: ["mcp:tools"] });
      expect(allowed.left?.searchParams.get("code")).toBeTruthy();

      const begun = await beginDevice(gatehouse, await registerClient(gatehouse, DEVICE_METADATA));
      const page = await browser.submit(await viewDevice(gatehouse, browser, begun), "/device/decide", answer);
      expect([page.status, problemOf(page)]).toEqual([400, "Choose Allow or Deny."]);
      const done = await browser.submit(page, "/device/decide", { decision: "allow", scope: ["mcp:tools"] });
      expect(textOf(done)).toContain("Device connected");
    },
  );

  test("People: permissions to read are listed apart from those to change", async () => {
    const page = await ask(await registerClient(gatehouse));
    const groups = page.html
      .querySelectorAll("fieldset")
      .map((group) => [
        group.querySelector("legend")?.textContent.trim(),
        ...group.querySelectorAll("input").map((box) => box.getAttribute("value")),
      ]);
    expect(groups).toEqual([
      ["View", "mcp:resources", "mcp:prompts"],
      ["Act and make changes", "mcp:tools"],
    ]);
  });

  test("People: a month is preselected, whatever the longest duration is", async () => {
    const page = await ask(await registerClient(gatehouse));
    expect(page.html.querySelector("option[selected]")?.getAttribute("value")).toBe(String(30 * 24 * 3600));
  });

  test("People: an app that comes back is recognized, and permissions that it asks for the first time are marked", async () => {
    const client = await registerClient(gatehouse);
    expect(textOf(await ask(client))).not.toContain("You allowed this app");
    await grantTokens(gatehouse, browser, client, { scope: "mcp:tools mcp:prompts" });
    const page = await ask(client);
    expect(textOf(page)).toContain("You allowed this app to use this server");
    expect(textOf(page)).toContain("New this time: Read its resources.");
    const marked = page.html.querySelectorAll("label").filter((label) => label.textContent.includes("New"));
    expect(marked.map((label) => label.querySelector("input")?.getAttribute("value"))).toEqual(["mcp:resources"]);
    // What somebody else granted doesn't show for this person.
    const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    expect(textOf(await ask(client, other))).not.toContain("You allowed this app");
  });

  test("People: the sign-in names the app that it leads to, and says whether anybody has checked it", async () => {
    const client = await registerClient(gatehouse, { client_name: "Code editor" });
    const login = await ask(client, createHeadlessBrowser());
    expect(login.url.pathname).toBe("/login");
    expect(textOf(login)).toContain("to continue to Code editor Unverified app");
  });
});

test("Outages: a page that reports an error has a reference, which is also in the log", async () => {
  for (const path of ["/authorize", "/nothing"]) {
    const html = await (await fetch(issuer + path, { headers: { Accept: "text/html" } })).text();
    const reference = /Reference: <code>([\w-]{8})<\/code>/.exec(html)?.[1] ?? "none";
    await expect.poll(() => gatehouse.logs.some(({ message }) => message.includes(reference))).toBe(true);
  }
});
