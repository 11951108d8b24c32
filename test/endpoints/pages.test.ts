import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { beginDevice, DEVICE_METADATA, viewDevice } from "../support/device.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser, client } = await scene();

const consentPage = async (by: HeadlessBrowser = browser): Promise<Page> =>
  by.open((await authorizationRequest(gatehouse, client)).url);

describe("A7 hardened pages", () => {
  test.each([
    ["consent", () => consentPage()],
    ["login", () => createHeadlessBrowser().open(`${issuer}/login`)],
    ["error", () => browser.open(`${issuer}/authorize`)],
    ["home", () => browser.open(`${issuer}/`)],
  ])("A7 the %s page has all security headers", async (name, load) => {
    const { headers, html } = await load();
    const policy = headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain("form-action");
    expect(headers.get("X-Frame-Options")).toBe("DENY");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    if (name !== "home") expect(headers.get("Cache-Control")).toBe("no-store");
    expect(html.querySelector("script:not([src]), [style], [onclick]")).toBeNull();
    expect(html.querySelector("html")?.getAttribute("lang")).toBe("en");
  });

  test("A7 a name with markup is shown as text everywhere", async () => {
    const evil = await registerClient(gatehouse, { client_name: `<script>alert("1")</script><img src=x>'"&` });
    const page = await browser.open((await authorizationRequest(gatehouse, evil, { login_hint: '"><script>' })).url);
    const scripts = ({ html }: Page) => html.querySelectorAll("script").map((script) => script.getAttribute("src"));
    expect(page.html.querySelector("img")).toBeNull();
    expect(scripts(page)).toEqual([`${issuer}/page.js`]);
    expect(page.html.textContent).toContain(`<script>alert("1")</script><img src=x>'"&`);
    const { url } = await authorizationRequest(gatehouse, client, { login_hint: '"><script>alert(1)</script>' });
    const login = await createHeadlessBrowser().open(url);
    expect(scripts(login)).toEqual([`${issuer}/page.js`, `${issuer}/passkeys.js`]);
    expect(login.html.querySelector("#email")?.getAttribute("value")).toBe('"><script>alert(1)</script>');
  });

  test("A7 a client name that could pass for our own sentence is cut, and is set apart, wherever a person decides", async () => {
    const spoof = "Weather?\u00a0\u3000 This app was checked and approved by the people who run this service";
    const evil = await registerClient(gatehouse, { client_name: `${spoof}. Allow it ${"x".repeat(90)}` });
    const { url } = await authorizationRequest(gatehouse, evil);
    const device = await viewDevice(
      gatehouse,
      browser,
      await beginDevice(gatehouse, await registerClient(gatehouse, { ...DEVICE_METADATA, client_name: spoof })),
    );
    for (const page of [await browser.open(url), await createHeadlessBrowser().open(url), device]) {
      expect(page.html.querySelectorAll(".app-name").map(({ textContent }) => textContent)).toEqual([
        "Weather? This app was checked and approved by the people wh…",
      ]);
      for (const each of page.html.querySelectorAll(".app-name, [aria-hidden]")) each.remove();
      expect(page.html.textContent).not.toContain("approved by the people who");
    }
  });

  test("A7 a look-alike host is shown as punycode", async () => {
    const redirect_uri = "https://xn--pple-43d.example/cb";
    const page = await browser.open(
      (await authorizationRequest(gatehouse, await registerClient(gatehouse, { redirect_uris: [redirect_uri] }))).url,
    );
    expect(page.html.textContent).toContain("xn--pple-43d.example");
  });

  test("A7 an app's scheme that looks like a domain is shown as a scheme, with a warning", async () => {
    const redirect_uri = "claude.ai://claude.ai/callback";
    const native = await registerClient(gatehouse, { redirect_uris: [redirect_uri], client_name: undefined });
    const page = await browser.open((await authorizationRequest(gatehouse, native)).url);
    expect(page.html.textContent).not.toContain("claude.ai:/");
    expect(page.html.querySelector("h1")?.textContent).not.toContain("claude.ai");
    expect(page.html.querySelector(".facts")?.textContent).toContain(
      "an app on this device that opens claude.ai: links",
    );
    expect(page.html.querySelector(".warning")?.textContent).toContain(
      "Whichever app on this device claims claude.ai:",
    );
  });

  test("People: the page says which app asks, how far that is proven, for what, and where the browser goes next", async () => {
    const native = await registerClient(gatehouse, { client_name: "My app", redirect_uris: ["http://127.0.0.1/cb"] });
    const { url } = await authorizationRequest(gatehouse, native, { redirect_uri: "http://127.0.0.1:5000/cb" });
    const text = (await browser.open(url)).html.textContent;
    for (const part of [
      "My app",
      "Weather",
      gatehouse.resource.uri,
      "127.0.0.1:5000",
      "nobody has checked it",
      "Use its tools",
      person.email,
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain("a program on your own computer");
  });

  test("A7 an unknown address is answered with a page for a browser, and with JSON for a program", async () => {
    const page = await fetch(`${issuer}/nothing`, { headers: { Accept: "text/html,*/*" } });
    expect([page.status, page.headers.get("Content-Type")]).toEqual([404, "text/html; charset=UTF-8"]);
    const html = await page.text();
    expect(html).toContain(`href="${issuer}/account"`);
    expect(html).not.toContain("developer");
    const json = await fetch(`${issuer}/nothing`);
    expect([json.status, json.headers.get("Content-Type")]).toEqual([404, "application/json"]);
  });

  test("A7 a page that is refused says so in its heading, and what to do next below", async () => {
    const { status, html } = await browser.open(`${issuer}/admin`);
    const said = [html.querySelector("h1"), ...html.querySelectorAll("main > p:not(.brand)")];
    expect([status, ...said.map((each) => each?.textContent)]).toEqual([
      403,
      "Not allowed",
      "Only owners of this service can see this page.",
      "Go back and try again. If that doesn’t help, ask the owner of this service.",
    ]);
  });

  test("A7 a web client that opens the sign-in in a window can wait for it", async () => {
    expect((await consentPage()).headers.get("Cross-Origin-Opener-Policy")).toBeNull();
  });

  test("A7 HSTS is sent over https only", async () => {
    expect((await fetch(`${issuer}/login`)).headers.get("Strict-Transport-Security")).toBeNull();
  });
});
