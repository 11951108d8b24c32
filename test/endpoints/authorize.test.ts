import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { answerConsent, authorize, signInOn } from "../../src/dev/person.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  authorizationRequest,
  grantCode,
  grantTokens,
  introspect,
  REDIRECT_URI,
  redeem,
  registerClient,
  type TestClient,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const person = await gatehouse.addPerson();
const browser = await gatehouse.signedInBrowser(person);
const client = await registerClient(gatehouse);

/** Where a signed-in browser ends up. */
const open = async (params: Readonly<Record<string, string | undefined>> = {}, of: TestClient = client) =>
  browser.open((await authorizationRequest(gatehouse, of, params)).url);

const openRaw = async (change: (url: URL) => void, by = browser) => {
  const { url } = await authorizationRequest(gatehouse, client);
  change(url);
  return by.open(url);
};

describe("A1 what is shown to the person and never redirected", () => {
  test.each([
    ["an unknown client", { client_id: "client_unknown" }],
    ["no client", { client_id: undefined }],
    ["a redirect URI that isn't registered", { redirect_uri: "https://evil.example/cb" }],
    ["one that only begins like it", { redirect_uri: `${REDIRECT_URI}/more` }],
    ["one with another query", { redirect_uri: `${REDIRECT_URI}?x=1` }],
    ["one with a fragment", { redirect_uri: `${REDIRECT_URI}#x` }],
    ["one in capitals", { redirect_uri: REDIRECT_URI.toUpperCase() }],
    ["a relative one", { redirect_uri: "/callback" }],
  ])("A1 %s", async (_, params) => {
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
  ])(
    "A1 a stale client that would return to %s gets a page that says what to do, found in the log",
    async (uri, said) => {
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
    },
  );

  test("A1 the port of a loopback URI is free, for every kind of client", async () => {
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

  test("A1 it may be left out if one is registered, and only then", async () => {
    expect((await open({ redirect_uri: undefined })).status).toBe(200);
    const two = await registerClient(gatehouse, { redirect_uris: [REDIRECT_URI, `${REDIRECT_URI}2`] });
    expect((await open({ redirect_uri: undefined }, two)).status).toBe(400);
  });

  test("A1 a blocked client is told to the person", async () => {
    const blocked = await registerClient(gatehouse);
    await setClientStatus(gatehouse.owner, blocked.client_id, "block");
    const page = await open({}, blocked);
    expect([page.status, page.left]).toEqual([400, null]);
  });
});

describe("A2 what the client is told", () => {
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
  ])("A2 %s for %j, with state and iss", async (error, params) => {
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

  test("A2 the person says no: access_denied", async () => {
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

  test("A2 prompt=none without a session is a page; for an approved client login_required", async () => {
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
  test("A3 a confidential client needs it too", async () => {
    const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_basic" });
    const { left } = await open({ code_challenge: undefined, code_challenge_method: undefined }, confidential);
    expect(left?.searchParams.get("error")).toBe("invalid_request");
  });
});

describe("A4 the redirect", () => {
  test.each(["simple", "a b+c&d=e%20ä🙂", "x".repeat(2000), '{"json":true}', "<script>"])(
    "A4 state %j comes back byte for byte, with iss",
    async (state) => {
      const answer = await answerConsent(browser, await open({ state }), { decision: "allow" });
      expect(answer.searchParams.get("state")).toBe(state);
      expect(answer.searchParams.get("iss")).toBe(issuer);
      expect(answer.searchParams.get("code")).toMatch(/^gthc_/);
    },
  );

  test("A4 no state, no state", async () => {
    const answer = await answerConsent(browser, await open({ state: undefined }), { decision: "allow" });
    expect(answer.searchParams.has("state")).toBe(false);
  });

  test("A4 the redirect URI's own query is kept", async () => {
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

describe("A5 parameters", () => {
  test.each(["client_id", "redirect_uri"])("A5 %s twice is a page", async (name) => {
    const page = await openRaw((url) => url.searchParams.append(name, url.searchParams.get(name) ?? ""));
    expect([page.status, page.left]).toEqual([400, null]);
  });

  test.each(["state", "scope", "response_type", "code_challenge"])("A5 %s twice is invalid_request", async (name) => {
    const { left } = await openRaw((url) => {
      url.searchParams.append(name, "x");
      url.searchParams.append(name, "y");
    });
    expect(left?.searchParams.get("error")).toBe("invalid_request");
  });

  test("A5 resource may repeat; several distinct values are invalid_target", async () => {
    const { uri } = gatehouse.resource;
    const ask = (...resources: string[]) =>
      openRaw((url) => {
        for (const each of resources) url.searchParams.append("resource", each);
      });
    expect((await ask(uri, `${uri}/`)).status).toBe(200);
    expect((await ask(uri, "https://other.example")).left?.searchParams.get("error")).toBe("invalid_target");
  });

  test("A5 unknown ones are ignored, empty ones absent", async () => {
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

  test("A5 GET only", async () => {
    const { url } = await authorizationRequest(gatehouse, client);
    const response = await fetch(issuer + url.pathname, { method: "POST", body: url.searchParams });
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toContain("GET");
  });

  test.each(["client_id=%", "client_id=%ff", "client_id=%00", `client_id=${"x".repeat(9000)}`])(
    "A5 %s is a page",
    async (query) => {
      expect((await browser.open(`${issuer}/authorize?${query}`)).status).toBe(400);
    },
  );
});

describe("A6 what OpenID Connect says", () => {
  const freshBrowser = () => gatehouse.signedInBrowser(person);

  test("A6 without a session one signs in, with login_hint filled in, and comes back", async () => {
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
  ])("A6 %s asks for a sign-in younger than the request, once", async (_, params) => {
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

  test("A6 a sign-in that is young enough for max_age does", async () => {
    const known = await freshBrowser();
    const { url } = await authorizationRequest(gatehouse, client, { max_age: "60" });
    expect((await known.open(url)).url.pathname).toBe("/authorize");
    await gatehouse.moveClock(61);
    expect((await known.open(url)).url.pathname).toBe("/login");
    await gatehouse.moveClock(0);
  });

  test("A6 prompt=consent asks, as always", async () => {
    expect((await open({ prompt: "consent" })).status).toBe(200);
    expect((await open()).status).toBe(200);
    await grantTokens(gatehouse, browser, client);
    expect((await open()).url.pathname).toBe("/authorize");
  });

  test("A6 a request can't be made to look older than it is", async () => {
    const known = await freshBrowser();
    const { url } = await authorizationRequest(gatehouse, client, { prompt: "login" });
    const login = await known.open(url);
    const sealed = login.url.searchParams.get("continue") ?? "";
    const forged = await known.open(`${issuer}/authorize?continue=${sealed.slice(0, -2)}AA`);
    expect(forged.status).toBe(400);
    // Coming back without having signed in leads to the sign-in again.
    expect((await known.open(`${issuer}/authorize?${new URLSearchParams({ continue: sealed })}`)).url.pathname).toBe(
      "/login",
    );
  });
});

describe("resource and scope", () => {
  test("Clients: a request without resource gets the default one; a trailing slash is ignored", async () => {
    expect((await grantTokens(gatehouse, browser, client)).resource).toBe(gatehouse.resource.uri);
    const { uri } = gatehouse.resource;
    expect((await grantTokens(gatehouse, browser, client, { resource: `${uri}/` })).resource).toBe(uri);
  });

  test.each([
    [undefined, "mcp:tools mcp:resources mcp:prompts"],
    ["openid email profile", "mcp:tools mcp:resources mcp:prompts"],
    ["offline_access", "mcp:tools mcp:resources mcp:prompts"],
    ["mcp:tools", "mcp:tools"],
    ["mcp:tools offline_access", "mcp:tools"],
    ["mcp:tools unknown", "mcp:tools"],
    ["mcp:prompts mcp:tools", "mcp:tools mcp:prompts"],
  ])("People: scope %j grants %j", async (scope, granted) => {
    expect((await grantTokens(gatehouse, browser, client, { scope })).scope).toBe(granted);
  });

  test("People: a scope that is not a default is granted only by name", async () => {
    const scopes = [
      { name: "read", description: "Read things" },
      { name: "write", description: "Change things" },
    ];
    const added = await addResource(gatehouse.owner, {
      uri: "https://scoped.example",
      name: "",
      scopes,
      isDefault: false,
    });
    if ("problem" in added) throw new Error(added.problem);
    expect((await grantTokens(gatehouse, browser, client, { resource: added.uri, scope: "write" })).scope).toBe(
      "write",
    );
  });

  test("People: the person can untick scopes, and tick no others", async () => {
    const { url, verifier } = await authorizationRequest(gatehouse, client, { scope: "mcp:tools mcp:prompts" });
    const answer = await answerConsent(browser, await browser.open(url), {
      decision: "allow",
      scope: ["mcp:prompts", "mcp:resources", "admin"],
    });
    const grant = { code: answer.searchParams.get("code") ?? "", verifier, redirectUri: REDIRECT_URI };
    expect(await (await redeem(gatehouse, client, grant)).json()).toMatchObject({ scope: "mcp:prompts" });
  });

  test("People: nothing ticked is no yes", async () => {
    const page = await browser.submit(await open(), "/consent", { decision: "allow", scope: [] });
    expect([page.status, page.left]).toEqual([400, null]);
  });
});

describe("how long a connection lasts", () => {
  const expiryOf = async (tokens: { access_token: string }) => {
    const { exp, iat } = (await (await introspect(gatehouse, tokens.access_token)).json()) as Record<string, number>;
    return (exp ?? 0) - (iat ?? 0);
  };
  const familySeconds = async (clientId: string) => {
    const [row] = await gatehouse.owner.db.read<{ seconds: number }>(sql`
      select extract(epoch from expires_at - created_at)::int as seconds from token_families where client_id = ${clientId}`);
    return row?.seconds;
  };
  const grantFor = async (duration: string) => {
    const client = await registerClient(gatehouse);
    const { url, verifier } = await authorizationRequest(gatehouse, client);
    const page = await browser.open(url);
    const answer = await browser.submit(page, "/consent", { decision: "allow", duration });
    const code = answer.left?.searchParams.get("code") ?? "";
    const redirectUri = client.redirect_uris[0] ?? "";
    const tokens = await (await redeem(gatehouse, client, { code, verifier, redirectUri })).json();
    return { client, tokens: tokens as { access_token: string } };
  };

  test("the person may choose less than the server allows, and never more", async () => {
    const hour = await grantFor("3600");
    expect(await familySeconds(hour.client.client_id)).toBe(3600);
    expect(await expiryOf(hour.tokens)).toBe(3600);
    for (const junk of ["999999999999", "-1", "1", "", "NaN", "1e3"]) {
      const client = await registerClient(gatehouse);
      const page = await browser.open((await authorizationRequest(gatehouse, client)).url);
      const answer = await browser.submit(page, "/consent", { decision: "allow", duration: junk });
      expect([answer.status, answer.left]).toEqual([400, null]);
    }
  });

  test("a resource's maximum holds, also for a code that was allowed before it was set", async () => {
    const client = await registerClient(gatehouse);
    const grant = await grantCode(gatehouse, browser, client);
    await gatehouse.owner.db.run(sql`update resources set max_family_seconds = 600`);
    expect((await redeem(gatehouse, client, grant)).status).toBe(200);
    expect(await familySeconds(client.client_id)).toBe(600);
    const page = await browser.open((await authorizationRequest(gatehouse, client)).url);
    expect(page.html.querySelectorAll("option").map((option) => option.getAttribute("value"))).toEqual(["600"]);
    await gatehouse.owner.db.run(sql`update resources set max_family_seconds = null`);
  });
});
