import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { answerConsent, authorize, signInOn } from "../../src/dev/person.ts";
import { authorizationRequest, grantTokens, type TestClient } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser, client } = await ownScene();

/** Where a signed-in browser ends up. */
const open = async (params: Readonly<Record<string, string | undefined>> = {}, of: TestClient = client) =>
  browser.open((await authorizationRequest(gatehouse, of, params)).url);

const openRaw = async (change: (url: URL) => void, by = browser) => {
  const { url } = await authorizationRequest(gatehouse, client);
  change(url);
  return by.open(url);
};

describe("A5 parameters", () => {
  test.each(["client_id", "redirect_uri"])("A5 repeating %s leads to an error page", async (name) => {
    const page = await openRaw((url) => url.searchParams.append(name, url.searchParams.get(name) ?? ""));
    expect([page.status, page.left]).toEqual([400, null]);
  });

  test.each(["state", "scope", "response_type", "code_challenge"])(
    "A5 repeating %s is invalid_request",
    async (name) => {
      const { left } = await openRaw((url) => {
        url.searchParams.append(name, "x");
        url.searchParams.append(name, "y");
      });
      expect(left?.searchParams.get("error")).toBe("invalid_request");
    },
  );

  test("A5 resource may be repeated, but distinct values are invalid_target", async () => {
    const { uri } = gatehouse.resource;
    const ask = (...resources: string[]) =>
      openRaw((url) => {
        for (const each of resources) url.searchParams.append("resource", each);
      });
    expect((await ask(uri, `${uri}/`)).status).toBe(200);
    expect((await ask(uri, "https://other.example")).left?.searchParams.get("error")).toBe("invalid_target");
  });

  test("A5 unknown parameters are ignored, and empty ones count as absent", async () => {
    const page = await open({
      nonce: "x",
      display: "page",
      ui_locales: "de",
      resource: "",
      scope: "",
      prompt: "",
      max_age: "",
    });
    expect(page.status).toBe(200);
  });

  test("A5 only GET is accepted", async () => {
    const { url } = await authorizationRequest(gatehouse, client);
    const response = await fetch(issuer + url.pathname, { method: "POST", body: url.searchParams });
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toContain("GET");
  });

  test.each(["client_id=%", "client_id=%ff", "client_id=%00", `client_id=${"x".repeat(9000)}`])(
    "A5 %s leads to an error page",
    async (query) => {
      expect((await browser.open(`${issuer}/authorize?${query}`)).status).toBe(400);
    },
  );
});

describe("A6 the parameters of OpenID Connect", () => {
  const freshBrowser = () => gatehouse.signedInBrowser(person);

  test("A6 a person without a session signs in, with login_hint filled in, and comes back", async () => {
    const stranger = createHeadlessBrowser();
    const { url } = await authorizationRequest(gatehouse, client, { login_hint: "someone@example.com" });
    const page = await stranger.open(url);
    expect(page.html.querySelector("#email")?.getAttribute("value")).toBe("someone@example.com");
    const answer = await authorize(stranger, url, person);
    expect(answer.searchParams.has("code")).toBe(true);
  });

  test.each([
    ["prompt=login", { prompt: "login" }],
    ["prompt=login consent", { prompt: "login consent" }],
    ["prompt=select_account", { prompt: "select_account" }],
    ["max_age=0", { max_age: "0" }],
  ])("A6 %s asks once for a sign-in that is younger than the request", async (_, params) => {
    const known = await freshBrowser();
    const { url } = await authorizationRequest(gatehouse, client, params);
    const login = await known.open(url);
    expect(login.url.pathname).toBe("/login");
    const consent = await signInOn(known, login, person);
    expect(consent.url.pathname).toBe("/authorize");
    expect(consent.status).toBe(200);
    const answer = await answerConsent(known, consent, { decision: "allow" });
    expect(answer.searchParams.has("code")).toBe(true);
  });

  test("A6 a sign-in that is recent enough for max_age is accepted", async () => {
    const known = await freshBrowser();
    const { url } = await authorizationRequest(gatehouse, client, { max_age: "60" });
    expect((await known.open(url)).url.pathname).toBe("/authorize");
    await gatehouse.moveClock(61);
    expect((await known.open(url)).url.pathname).toBe("/login");
    await gatehouse.moveClock(0);
  });

  test("A6 prompt=consent asks for consent, as every request does", async () => {
    expect((await open({ prompt: "consent" })).status).toBe(200);
    expect((await open()).status).toBe(200);
    await grantTokens(gatehouse, browser, client);
    expect((await open()).url.pathname).toBe("/authorize");
  });

  test("A6 no parameter makes a request look older than it is", async () => {
    const known = await freshBrowser();
    const { url } = await authorizationRequest(gatehouse, client, { prompt: "login" });
    const login = await known.open(url);
    const sealed = login.url.searchParams.get("continue") ?? "";
    const other = sealed[20] === "A" ? "B" : "A";
    const forged = await known.open(`${issuer}/authorize?continue=${sealed.slice(0, 20)}${other}${sealed.slice(21)}`);
    expect(forged.status).toBe(400);
    // Coming back without having signed in leads to the sign-in again.
    expect((await known.open(`${issuer}/authorize?${new URLSearchParams({ continue: sealed })}`)).url.pathname).toBe(
      "/login",
    );
  });
});
