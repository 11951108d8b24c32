import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type HeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { authorizationRequest, postForm, registerClient, type TestClient } from "../support/oauth-client.ts";
import { cookieOf } from "../support/pages.ts";
import { ownScene } from "../support/scene.ts";
import { readServerMap } from "../support/server-map.ts";

const { gatehouse, issuer, person, browser, client } = await ownScene();

const consentPage = async (by: HeadlessBrowser = browser): Promise<Page> =>
  by.open((await authorizationRequest(gatehouse, client)).url);

describe("A8 forms", () => {
  const forms = readServerMap()
    .filter(({ method, isPage }) => method === "POST" && isPage)
    .map(({ path }) => path);

  const fieldsOf = (page: Page) =>
    Object.fromEntries(
      page.html
        .querySelectorAll("input[name]")
        .map((input) => [input.getAttribute("name"), input.getAttribute("value")]),
    ) as Record<string, string>;

  test.each(forms)("A8 %s refuses a missing, a wrong and another session's CSRF token", async (path) => {
    const other = await consentPage(await gatehouse.signedInBrowser(person));
    const { csrf: _, ...fields }: Record<string, string> = {
      ...fieldsOf(await consentPage()),
      decision: "allow",
      email: person.email,
      password: person.password,
    };
    for (const attempt of [fields, { ...fields, csrf: "x" }, { ...fields, csrf: fieldsOf(other)["csrf"] ?? "" }]) {
      const response = await postForm(issuer + path, attempt, cookieOf(browser));
      expect(response.status).toBe(403);
      expect(response.headers.get("Set-Cookie")).toBeNull();
    }
    expect((await consentPage()).status).toBe(200);
  });

  test.each(forms)("A8 %s refuses a form from another site", async (path) => {
    const fields = { ...fieldsOf(await consentPage()), decision: "allow" };
    for (const headers of [
      { Origin: "https://evil.example" },
      { Origin: "http://localhost:1" },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
    ]) {
      const response = await postForm(issuer + path, fields, { ...cookieOf(browser), ...(headers as object) });
      expect(response.status).toBe(403);
    }
    expect((await consentPage()).status).toBe(200);
  });

  test("A8 a request without cookies needs no token, because nothing can be forged with it", async () => {
    const fields = { ...fieldsOf(await consentPage()), decision: "allow" };
    expect((await postForm(`${issuer}/consent`, fields)).status).toBe(403);
  });

  test("A8 a consent form is bound to its session, so that another session's own CSRF token doesn't help", async () => {
    const thief = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const stolen = fieldsOf(await consentPage())["request"] ?? "";
    const page = await thief.submit(await consentPage(thief), "/consent", { decision: "allow", request: stolen });
    expect([page.status, page.left]).toEqual([400, null]);
  });

  test("A8 a consent form can't be used once the person has signed out", async () => {
    const leaving = await gatehouse.signedInBrowser(person);
    const page = await consentPage(leaving);
    const cookies = cookieOf(leaving);
    await leaving.submit(page, "/logout", {});
    const fields = { ...fieldsOf(page), scope: "mcp:tools", decision: "allow" };
    const response = await postForm(`${issuer}/consent`, fields, cookies);
    expect(response.status).toBe(400);
    expect(response.headers.get("Location")).toBeNull();
  });

  test("A8 a consent form is void once its client has changed or was blocked, or its session has ended", async () => {
    const short = await startGatehouse({ vars: { SESSION_SECONDS: "600", SESSION_IDLE_SECONDS: "400" } });
    const by = await short.signInBrowser(await short.addPerson());
    const show = async (of: TestClient) => by.open((await authorizationRequest(short, of)).url);
    const answer = async (page: Page) => (await by.submit(page, "/consent", { decision: "allow" })).status;
    const changed = await registerClient(short);
    const page = await show(changed);
    await fetch(String(changed["registration_client_uri"]), {
      method: "PUT",
      body: JSON.stringify({
        client_id: changed.client_id,
        client_name: "Other",
        redirect_uris: changed.redirect_uris,
      }),
      headers: { Authorization: `Bearer ${changed["registration_access_token"]}`, "Content-Type": "application/json" },
    });
    expect(await answer(page)).toBe(400);
    const blocked = await registerClient(short);
    const shown = await show(blocked);
    await setClientStatus(short.owner, blocked.client_id, "block");
    expect(await answer(shown)).toBe(400);
    const steady = await show(await registerClient(short));
    await short.moveClock(401);
    expect(await answer(steady)).toBe(400);
    await short.moveClock(350);
    const late = await show(await registerClient(short));
    expect(late.url.pathname).toBe("/authorize");
    await short.moveClock(601);
    expect(await answer(late)).toBe(400);
  });

  test("A8 a consent form is good for an hour", async () => {
    const page = await consentPage();
    await gatehouse.moveClock(3601);
    const late = await browser.submit(page, "/consent", { decision: "allow" });
    expect(late.status).toBe(400);
    await gatehouse.moveClock(0);
  });

  test("A8 a person who goes back and allows less can't be made to give a code with more", async () => {
    const page = await consentPage();
    const all = await browser.submit(page, "/consent", { decision: "allow" });
    expect(all.left?.searchParams.get("code")).toBeTruthy();
    const less = await browser.submit(page, "/consent", { decision: "allow", scope: ["mcp:tools"] });
    expect([less.status, less.left]).toEqual([400, null]);
  });

  test("A8 a browser that is signed in as somebody else can sign out and continue with the same request", async () => {
    const visitor = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const login = await visitor.submit(await consentPage(visitor), "/logout", {});
    expect(login.url.pathname).toBe("/login");
    const back = await visitor.submit(login, "/login", person);
    expect(back.url.pathname).toBe("/authorize");
    expect(back.html.textContent).toContain(person.email);
  });

  test("A8 a consent form that is submitted many times gives one code, and none once that is redeemed", async () => {
    const { url, verifier } = await authorizationRequest(gatehouse, client);
    const page = await browser.open(url);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => browser.submit(page, "/consent", { decision: "allow" })),
    );
    const codes = new Set(answers.map(({ left }) => left?.searchParams.get("code")));
    expect(codes.size).toBe(1);
    const [code] = codes;
    const redeemed = await postForm(`${issuer}/token`, {
      grant_type: "authorization_code",
      code: code ?? "",
      code_verifier: verifier,
      client_id: client.client_id,
    });
    expect(redeemed.status).toBe(200);
    expect((await browser.submit(page, "/consent", { decision: "allow" })).status).toBe(400);
  });

  test("A8 signing in leads back to the request and nowhere else", async () => {
    const page = await createHeadlessBrowser().open(`${issuer}/login?continue=https://evil.example`);
    expect([page.status, page.left]).toEqual([400, null]);
    const stranger = createHeadlessBrowser();
    const login = await stranger.open(`${issuer}/login`);
    const after = await stranger.submit(login, "/login", { ...person, continue: "https://evil.example" });
    expect([after.status, after.left]).toEqual([400, null]);
  });

  test("A8 every sign-in makes a new session and ends the old one", async () => {
    const fixed = await gatehouse.signedInBrowser(person);
    const before = fixed.cookies.get("gatehouse_session");
    await fixed.submit(await fixed.open(`${issuer}/login`), "/login", person);
    const after = fixed.cookies.get("gatehouse_session");
    expect(after).not.toBe(before);
    const old = createHeadlessBrowser();
    old.cookies.set("gatehouse_session", before ?? "");
    expect((await consentPage(old)).url.pathname).toBe("/login");
    expect((await consentPage(fixed)).url.pathname).toBe("/authorize");
  });

  test("cookies are HttpOnly, SameSite=Lax and for every path", async () => {
    const response = await fetch(`${issuer}/login`);
    expect(response.headers.getSetCookie().join()).toMatch(/^gatehouse_nonce=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  });
});
