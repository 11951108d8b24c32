import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { answerConsent, signInOn } from "../../src/dev/person.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { authorizationRequest, REDIRECT_URI, registerClient, type TestClient } from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser, client } = await scene();

/** Where a signed-in browser ends up. */
const open = async (params: Readonly<Record<string, string | undefined>> = {}, of: TestClient = client) =>
  browser.open((await authorizationRequest(gatehouse, of, params)).url);

const openRaw = async (change: (url: URL) => void, by = browser) => {
  const { url } = await authorizationRequest(gatehouse, client);
  change(url);
  return by.open(url);
};

describe("A1 errors that are shown to the person and never redirected", () => {
  test.each([
    ["an unknown client", { client_id: "client_unknown" }],
    ["no client", { client_id: undefined }],
    ["an unregistered redirect URI", { redirect_uri: "https://evil.example/cb" }],
    ["a redirect URI that only begins like the registered one", { redirect_uri: `${REDIRECT_URI}/more` }],
    ["a redirect URI with another query", { redirect_uri: `${REDIRECT_URI}?x=1` }],
    ["a redirect URI with a fragment", { redirect_uri: `${REDIRECT_URI}#x` }],
    ["a redirect URI in capitals", { redirect_uri: REDIRECT_URI.toUpperCase() }],
    ["a relative redirect URI", { redirect_uri: "/callback" }],
  ])("A1 %s leads to an error page", async (_, params) => {
    const page = await open(params);
    expect(page.status).toBe(400);
    expect(page.left).toBeNull();
    expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
  });

  test.each([
    ["cursor://anysphere.cursor-mcp/oauth/callback", "(by its return address, Cursor)"],
    ["https://claude.ai/api/mcp/auth_callback", "(by its return address, claude.ai)"],
    ["https://<b>.example", "sent you here."],
    ["http://localhost:3334/callback", "sent you here."],
    ["nonsense", "sent you here."],
    [undefined, "sent you here."],
  ])("A1 an unknown client with the redirect URI %s gets a page that says what to do: %s", async (uri, said) => {
    for (const by of [browser, createHeadlessBrowser()]) {
      const { url } = await authorizationRequest(gatehouse, client, { client_id: "client_gone", redirect_uri: uri });
      const page = await by.open(url);
      expect([page.status, page.left]).toEqual([400, null]);
      const text = page.html.textContent;
      expect(text).toContain(said);
      expect(text).toContain("remove the connection to this server and add it again");
      const reference = page.html.querySelector("footer code")?.textContent ?? "";
      expect(reference).toHaveLength(8);
      const lines = gatehouse.logs.filter(({ message }) => message.includes(`"requestId":"${reference}"`));
      expect(lines.map(({ message }) => JSON.parse(message))).toMatchObject([{ reason: "client_unknown" }]);
    }
  });

  test("A1 the port of a loopback URI is free for every kind of client", async () => {
    const native = await registerClient(gatehouse, {
      redirect_uris: ["http://localhost/callback", "http://127.0.0.1:1/cb"],
    });
    for (const redirect_uri of ["http://localhost:49152/callback", "http://127.0.0.1:65535/cb"]) {
      expect((await open({ redirect_uri }, native)).status).toBe(200);
    }
    for (const redirect_uri of ["http://127.0.0.1:1/callback", "http://[::1]/callback", "http://localhost:1/cb"]) {
      expect((await open({ redirect_uri }, native)).status).toBe(400);
    }
  });

  test("A1 the redirect URI may be omitted only if exactly one is registered", async () => {
    expect((await open({ redirect_uri: undefined })).status).toBe(200);
    const two = await registerClient(gatehouse, { redirect_uris: [REDIRECT_URI, `${REDIRECT_URI}2`] });
    expect((await open({ redirect_uri: undefined }, two)).status).toBe(400);
  });

  test("A1 the person is told that a client is blocked", async () => {
    const blocked = await registerClient(gatehouse);
    await setClientStatus(gatehouse.owner, blocked.client_id, "block");
    const page = await open({}, blocked);
    expect([page.status, page.left]).toEqual([400, null]);
  });
});

describe("A2 errors that are redirected to the client", () => {
  test.each([
    ["unsupported_response_type", { response_type: "token" }],
    ["unsupported_response_type", { response_type: "code id_token" }],
    ["invalid_request", { response_type: undefined }],
    ["invalid_request", { response_mode: "fragment" }],
    ["invalid_request", { code_challenge: undefined }],
    ["invalid_request", { code_challenge: "" }],
    ["invalid_request", { code_challenge: "too-short" }],
    ["invalid_request", { code_challenge: "a".repeat(44) }],
    ["invalid_request", { code_challenge: `${"a".repeat(42)}+` }],
    ["invalid_request", { code_challenge_method: undefined }],
    ["invalid_request", { code_challenge_method: "plain" }],
    ["invalid_request", { code_challenge_method: "s256" }],
    ["invalid_request", { prompt: "none login" }],
    ["invalid_request", { max_age: "-1" }],
    ["invalid_request", { max_age: "soon" }],
    ["invalid_target", { resource: "https://unknown.example/mcp" }],
    ["invalid_target", { resource: "nonsense" }],
    ["invalid_scope", { scope: 'mcp:tools "' }],
    ["consent_required", { prompt: "none" }],
  ])("A2 the error is %s for %j, with state and iss", async (error, params) => {
    const { left } = await open(params);
    expect(left?.origin + (left?.pathname ?? "")).toBe(REDIRECT_URI);
    expect(left?.searchParams.get("error")).toBe(error);
    expect(left?.searchParams.get("state")).toBe("the state");
    expect(left?.searchParams.get("iss")).toBe(issuer);
    expect(left?.searchParams.has("code")).toBe(false);
    const [, reference] = /Reference: (\S{8})$/.exec(left?.searchParams.get("error_description") ?? "") ?? [];
    const logged = gatehouse.logs.find(({ message }) => message.includes(`"requestId":"${reference}"`));
    expect(JSON.parse(logged?.message ?? "")).toMatchObject({
      event: "refused",
      error: left?.searchParams.get("error"),
      clientId: client.client_id,
    });
  });

  test("A2 the error is access_denied if the person says no", async () => {
    const answer = await answerConsent(browser, await open(), { decision: "deny" });
    expect(answer.searchParams.get("error")).toBe("access_denied");
    expect(answer.searchParams.get("state")).toBe("the state");
    expect(answer.searchParams.get("iss")).toBe(issuer);
  });

  test("A2 no error is redirected before the person has signed in (OAuth 2.1 §7.12.2)", async () => {
    const stranger = createHeadlessBrowser();
    const { url } = await authorizationRequest(gatehouse, client, { scope: '"' });
    const page = await stranger.open(url);
    expect(page.url.pathname).toBe("/login");
    const { left } = await signInOn(stranger, page, person);
    expect(left?.searchParams.get("error")).toBe("invalid_scope");
  });

  test("A2 prompt=none without a session leads to an error page, but for an approved client it is login_required", async () => {
    const silent = (of: TestClient) => authorizationRequest(gatehouse, of, { prompt: "none" });
    const page = await createHeadlessBrowser().open((await silent(client)).url);
    expect([page.status, page.left]).toEqual([400, null]);
    const approved = await registerClient(gatehouse);
    await setClientStatus(gatehouse.owner, approved.client_id, "approve");
    const { left } = await createHeadlessBrowser().open((await silent(approved)).url);
    expect(left?.searchParams.get("error")).toBe("login_required");
  });
});

describe("A3 PKCE", () => {
  test("A3 a confidential client needs PKCE too", async () => {
    const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_basic" });
    const { left } = await open({ code_challenge: undefined, code_challenge_method: undefined }, confidential);
    expect(left?.searchParams.get("error")).toBe("invalid_request");
  });
});

describe("A4 the redirect", () => {
  test.each(["simple", "a b+c&d=e%20ä🙂", "x".repeat(2000), '{"json":true}', "<script>"])(
    "A4 the state %j comes back byte for byte, with iss",
    async (state) => {
      const answer = await answerConsent(browser, await open({ state }), { decision: "allow" });
      expect(answer.searchParams.get("state")).toBe(state);
      expect(answer.searchParams.get("iss")).toBe(issuer);
      expect(answer.searchParams.get("code")).toMatch(/^gthc_/);
    },
  );

  test("A4 a request without state is answered without state", async () => {
    const answer = await answerConsent(browser, await open({ state: undefined }), { decision: "allow" });
    expect(answer.searchParams.has("state")).toBe(false);
  });

  test("A4 the redirect URI keeps its own query", async () => {
    const redirect_uri = "https://app.example/cb?tenant=1&x=%20";
    const tenant = await registerClient(gatehouse, { redirect_uris: [redirect_uri] });
    const answer = await answerConsent(browser, await open({}, tenant), { decision: "allow" });
    expect(answer.href.startsWith(`${redirect_uri}&code=`)).toBe(true);
  });

  test("A4 every redirect is 303", async () => {
    const { url } = await authorizationRequest(gatehouse, client);
    expect((await fetch(url, { redirect: "manual" })).status).toBe(303);
    expect((await openRaw((each) => each.searchParams.set("response_type", "token"))).status).toBe(303);
    const page = await open();
    expect((await browser.submit(page, "/consent", { decision: "deny" })).status).toBe(303);
  });
});
