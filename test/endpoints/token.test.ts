import { describe, expect, test } from "vitest";
import { setClientStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import { mintToken } from "../../src/lib/token.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  authorizationRequest,
  basic,
  errorOf,
  grantCode,
  grantTokens,
  introspect,
  isActive,
  postForm,
  postJson,
  REDIRECT_URI,
  redeem,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const person = await gatehouse.addPerson();
const browser = await gatehouse.signedInBrowser(person);
const client = await registerClient(gatehouse);
const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
/** A secret that this server could have made, but didn't. */
const forgedSecret = await mintToken(gatehouse.owner.keys, "gths");
const code = (of = client, params = {}) => grantCode(gatehouse, browser, of, params);

describe("T1 the answer", () => {
  test("T1 a code gives tokens, with scope, resource and no-store", async () => {
    const response = await redeem(gatehouse, client, await code());
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("Pragma")).toBe("no-cache");
    const tokens = (await response.json()) as Tokens;
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^gtha_[\w-]{53}$/),
      refresh_token: expect.stringMatching(/^gthr_[\w-]{53}$/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "mcp:tools mcp:resources mcp:prompts",
      resource: gatehouse.resource.uri,
    });
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  });

  test("T1 no refresh token for who did not register the grant", async () => {
    const once = await registerClient(gatehouse, { grant_types: ["authorization_code"] });
    expect(await (await redeem(gatehouse, once, await code(once))).json()).not.toHaveProperty("refresh_token");
  });

  test("T1 the body is a form, and nothing in the query counts", async () => {
    const { code: value, verifier } = await code();
    const query = new URLSearchParams({
      grant_type: "authorization_code",
      code: value,
      code_verifier: verifier,
      client_id: client.client_id,
    });
    expect(await errorOf(await postForm(`${issuer}/token?${query}`, {}))).toBe("400 invalid_request");
  });
});

describe("T2 what a code is refused for, without being spent", () => {
  test.each<[string, string, Record<string, string>]>([
    ["an unknown code", "400 invalid_grant", { code: "gthc_unknown" }],
    ["a wrong verifier", "400 invalid_grant", { code_verifier: "a".repeat(43) }],
    ["no verifier", "400 invalid_request", { code_verifier: "" }],
    ["a verifier too short", "400 invalid_request", { code_verifier: "a".repeat(42) }],
    ["a verifier too long", "400 invalid_request", { code_verifier: "a".repeat(129) }],
    ["a verifier with other characters", "400 invalid_request", { code_verifier: `${"a".repeat(43)}+` }],
    ["another redirect URI", "400 invalid_grant", { redirect_uri: `${REDIRECT_URI}2` }],
    ["another resource", "400 invalid_target", { resource: "https://other.example" }],
    ["a resource that is none", "400 invalid_target", { resource: "nonsense" }],
    ["a secret from a public client", "401 invalid_client", { client_secret: "hush" }],
    ["no client", "401 invalid_client", { client_id: "" }],
    ["an unknown client", "401 invalid_client", { client_id: "client_unknown" }],
    ["no grant type", "400 invalid_request", { grant_type: "" }],
    ["another grant type", "400 unsupported_grant_type", { grant_type: "password" }],
    ["a grant type of every object", "400 unsupported_grant_type", { grant_type: "constructor" }],
  ])("T2 %s: %s", async (_, error, fields) => {
    const grant = await code();
    expect(await errorOf(await redeem(gatehouse, client, grant, fields))).toBe(error);
    expect((await redeem(gatehouse, client, grant)).status).toBe(200);
  });

  test("T2 a code that this server could have made, but didn't", async () => {
    const unknown = await mintToken(gatehouse.owner.keys, "gthc");
    expect(await errorOf(await redeem(gatehouse, client, { ...(await code()), code: unknown }))).toBe(
      "400 invalid_grant",
    );
  });

  test("T2 another client's code", async () => {
    const other = await registerClient(gatehouse);
    const grant = await code();
    expect(await errorOf(await redeem(gatehouse, other, grant))).toBe("400 invalid_grant");
    expect(await errorOf(await redeem(gatehouse, confidential, grant))).toBe("400 invalid_grant");
    expect((await redeem(gatehouse, client, grant)).status).toBe(200);
  });

  test("T2 an expired code", async () => {
    const grant = await code();
    await gatehouse.moveClock(600);
    expect(await errorOf(await redeem(gatehouse, client, grant))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
  });

  test("T2 the redirect URI may be left out, and is the one that was used", async () => {
    expect((await redeem(gatehouse, client, await code(), { redirect_uri: "" })).status).toBe(200);
    const native = await registerClient(gatehouse, { redirect_uris: ["http://localhost/cb"] });
    const grant = await code(native, { redirect_uri: "http://localhost:5000/cb" });
    expect(await errorOf(await redeem(gatehouse, native, { ...grant, redirectUri: "http://localhost:5001/cb" }))).toBe(
      "400 invalid_grant",
    );
    expect((await redeem(gatehouse, native, grant)).status).toBe(200);
  });

  test.each([
    ["what was asked for and is more than was granted", "mcp:tools admin", "mcp:tools"],
    ["nothing that was granted", "admin", "mcp:tools mcp:resources mcp:prompts"],
    ["what is malformed", '"', "mcp:tools mcp:resources mcp:prompts"],
  ])("T2 a scope that repeats %s is no reason to refuse", async (_, scope, given) => {
    const response = await redeem(gatehouse, client, await code(), { scope });
    expect(response.status).toBe(200);
    expect(((await response.json()) as Tokens).scope).toBe(given);
  });

  test("T5 an unknown client learns so before anything is said of its code or token", async () => {
    const foreign = { grant_type: "refresh_token", refresh_token: "from-another-server", client_secret: "old" };
    const gone = await registerClient(gatehouse);
    const headers = { Authorization: `Bearer ${gone["registration_access_token"]}` };
    expect((await fetch(String(gone["registration_client_uri"]), { method: "DELETE", headers })).status).toBe(204);
    for (const client_id of ["mcp_1234", "https://gone.example/client.json", gone.client_id]) {
      for (const fields of [foreign, { ...foreign, client_secret: "" }]) {
        expect(await errorOf(await postForm(`${issuer}/token`, { ...fields, client_id })), client_id).toBe(
          "401 invalid_client",
        );
      }
      const code = { grant_type: "authorization_code", code: "x", code_verifier: "a".repeat(43), client_id };
      expect(await errorOf(await postForm(`${issuer}/token`, code)), client_id).toBe("401 invalid_client");
    }
    const known = { grant_type: "refresh_token", refresh_token: "x", client_id: client.client_id };
    expect(await errorOf(await postForm(`${issuer}/token`, known))).toBe("400 invalid_grant");
  });

  test("T2 the scope of the access token can be narrowed, the family's stays", async () => {
    const narrow = (await (await redeem(gatehouse, client, await code(), { scope: "mcp:tools" })).json()) as Tokens;
    expect(narrow.scope).toBe("mcp:tools");
    const wide = (await (await refresh(gatehouse, client, narrow.refresh_token)).json()) as Tokens;
    expect(wide.scope).toBe("mcp:tools mcp:resources mcp:prompts");
  });
});

describe("T3 a code is good once", () => {
  test("T3 a second valid redemption revokes every token of the client and the person", async () => {
    const victim = await registerClient(gatehouse);
    const earlier = await grantTokens(gatehouse, browser, victim);
    const bystander = await grantTokens(gatehouse, browser, client);
    const grant = await code(victim);
    const tokens = (await (await redeem(gatehouse, victim, grant)).json()) as Tokens;
    expect(await errorOf(await redeem(gatehouse, victim, grant))).toBe("400 invalid_grant");
    for (const { access_token, refresh_token } of [earlier, tokens]) {
      expect(await isActive(gatehouse, access_token)).toBe(false);
      expect(await errorOf(await refresh(gatehouse, victim, refresh_token))).toBe("400 invalid_grant");
    }
    expect(await isActive(gatehouse, bystander.access_token)).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ["a wrong verifier", { code_verifier: "a".repeat(43) }],
    ["another redirect URI", { redirect_uri: `${REDIRECT_URI}2` }],
    ["another client", { client_id: confidential.client_id, client_secret: confidential.client_secret ?? "" }],
    ["a wrong secret", { client_id: confidential.client_id }],
  ])("T3 a replay with %s revokes nothing", async (_, fields) => {
    const grant = await code();
    const tokens = (await (await redeem(gatehouse, client, grant)).json()) as Tokens;
    expect((await redeem(gatehouse, client, grant, fields)).status).toBeGreaterThanOrEqual(400);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  });

  test("T3 fifty at once: one wins, and then all is revoked", async () => {
    const grant = await code();
    const responses = await Promise.all(Array.from({ length: 50 }, () => redeem(gatehouse, client, grant)));
    const won = responses.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const response of responses)
      if (response.status !== 200) expect(await errorOf(response)).toBe("400 invalid_grant");
    const tokens = (await won[0]?.json()) as Tokens;
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
  });
});

describe("T5 client authentication", () => {
  const secret = confidential.client_secret ?? "";
  const fieldsFor = (grant: { code: string; verifier: string }) => ({
    grant_type: "authorization_code",
    code: grant.code,
    code_verifier: grant.verifier,
  });
  const attempt = async (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    postForm(`${issuer}/token`, { ...fieldsFor(await code(confidential)), ...fields }, headers);

  test("T5 a client that named no method may use Basic or post", async () => {
    expect((await attempt({}, basic(confidential.client_id, secret))).status).toBe(200);
    expect((await attempt({ client_id: confidential.client_id, client_secret: secret })).status).toBe(200);
    expect((await attempt({ client_id: confidential.client_id }, basic(confidential.client_id, secret))).status).toBe(
      200,
    );
  });

  test.each(["client_secret_basic", "client_secret_post"])(
    "T5 one that registered %s may send its secret in either way",
    async (method) => {
      const strict = await registerClient(gatehouse, { token_endpoint_auth_method: method });
      const post = { client_id: strict.client_id, client_secret: strict.client_secret ?? "" };
      const header = basic(post.client_id, post.client_secret);
      const grant = async () => fieldsFor(await code(strict));
      expect((await postForm(`${issuer}/token`, { ...(await grant()), ...post })).status).toBe(200);
      expect((await postForm(`${issuer}/token`, await grant(), header)).status).toBe(200);
      // Neither is it public.
      expect(
        await errorOf(await postForm(`${issuer}/token`, { ...(await grant()), client_id: strict.client_id })),
      ).toBe("401 invalid_client");
    },
  );

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ["no secret", { client_id: confidential.client_id }, {}],
    ["an empty secret", { client_id: confidential.client_id, client_secret: "" }, {}],
    ["a wrong secret", { client_id: confidential.client_id, client_secret: "wrong" }, {}],
    ["a wrong secret of the right shape", { client_id: confidential.client_id, client_secret: forgedSecret }, {}],
    ["a wrong secret by Basic", {}, basic(confidential.client_id, "wrong")],
    ["an empty secret by Basic", {}, basic(confidential.client_id, "")],
    ["an unknown client by Basic", {}, basic("client_unknown", secret)],
    ["a Basic header that isn't", {}, { Authorization: "Basic !" }],
    ["a Basic header without a colon", {}, { Authorization: `Basic ${btoa("x")}` }],
    ["a Basic header with a bad escape", {}, { Authorization: `Basic ${btoa("%zz:x")}` }],
    ["a Basic header with NUL", {}, { Authorization: `Basic ${btoa("a\0:x")}` }],
    ["a Bearer header", {}, { Authorization: "Bearer x" }],
  ])("T5 %s is 401 invalid_client with a challenge", async (_, fields, headers) => {
    const response = await attempt(fields, headers);
    expect(response.headers.get("WWW-Authenticate")).toBe('Basic realm="gatehouse"');
    expect(await errorOf(response)).toBe("401 invalid_client");
  });

  test("T5 credentials in two ways are invalid_request", async () => {
    const header = basic(confidential.client_id, secret);
    expect(await errorOf(await attempt({ client_secret: secret }, header))).toBe("400 invalid_request");
    expect(await errorOf(await attempt({ client_id: client.client_id }, header))).toBe("400 invalid_request");
  });

  test("T5 a stray Bearer header is no credential of a client that says in the body who it is", async () => {
    const stray = { Authorization: "Bearer gtha_stale" };
    const grant = { ...fieldsFor(await code()), client_id: client.client_id };
    expect((await postForm(`${issuer}/token`, grant, stray)).status).toBe(200);
    expect((await attempt({ client_id: confidential.client_id, client_secret: secret }, stray)).status).toBe(200);
    expect(await errorOf(await attempt({ client_id: confidential.client_id }, stray))).toBe("401 invalid_client");
    const token = { token: "gtha_stale", client_id: client.client_id };
    expect((await postForm(`${issuer}/revoke`, token, stray)).status).toBe(200);
  });

  test("T5 Basic is form-decoded", async () => {
    const encoded = [...confidential.client_id].map((each) => `%${each.charCodeAt(0).toString(16)}`).join("");
    expect((await attempt({}, basic(encoded, encodeURIComponent(secret)))).status).toBe(200);
  });

  test("T5 an empty secret of a public client is an absent one", async () => {
    expect((await redeem(gatehouse, client, await code(), { client_secret: "" })).status).toBe(200);
    const response = await postForm(`${issuer}/token`, fieldsFor(await code()), basic(client.client_id, ""));
    expect(response.status).toBe(200);
  });

  test("T5 a refused client spends no refresh token", async () => {
    const tokens = (await (await redeem(gatehouse, confidential, await code(confidential))).json()) as Tokens;
    expect(await errorOf(await refresh(gatehouse, { ...confidential, client_secret: "" }, tokens.refresh_token))).toBe(
      "401 invalid_client",
    );
    expect((await refresh(gatehouse, confidential, tokens.refresh_token)).status).toBe(200);
  });
});

describe("T6 grants", () => {
  test("T6 a grant that the client didn't register is unauthorized_client", async () => {
    const once = await registerClient(gatehouse, { grant_types: ["authorization_code"] });
    const { refresh_token } = await grantTokens(gatehouse, browser, client);
    expect(await errorOf(await refresh(gatehouse, once, refresh_token))).toBe("400 unauthorized_client");
    expect((await refresh(gatehouse, client, refresh_token)).status).toBe(200);
  });
});

describe("T7 nothing is minted", () => {
  test("T7 for a disabled person, and nothing that was minted works", async () => {
    const other = await gatehouse.addPerson();
    const theirs = await gatehouse.signedInBrowser(other);
    const tokens = await grantTokens(gatehouse, theirs, client);
    const grant = await grantCode(gatehouse, theirs, client);
    const { url } = await authorizationRequest(gatehouse, client);
    const consent = await theirs.open(url);
    expect(await setUserStatus(gatehouse.owner, other.email, "disable")).toEqual({ done: true });
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await errorOf(await redeem(gatehouse, client, grant))).toBe("400 invalid_grant");
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    expect((await theirs.submit(consent, "/consent", { decision: "allow" })).status).toBe(400);
    expect((await theirs.open(url)).url.pathname).toBe("/login");
    const login = await theirs.open(`${issuer}/login`);
    expect((await theirs.submit(login, "/login", other)).status).toBe(400);
    await setUserStatus(gatehouse.owner, other.email, "enable");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
  });

  test("T7 for a blocked or a deleted client", async () => {
    for (const change of ["block", "delete"] as const) {
      const gone = await registerClient(gatehouse);
      const tokens = await grantTokens(gatehouse, browser, gone);
      const grant = await code(gone);
      await setClientStatus(gatehouse.owner, gone.client_id, change);
      expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
      expect(await errorOf(await redeem(gatehouse, gone, grant))).toBe("401 invalid_client");
      expect(await errorOf(await refresh(gatehouse, gone, tokens.refresh_token))).toBe("401 invalid_client");
    }
  });

  test("Tokens: a new authorization leaves its siblings alone", async () => {
    const first = await grantTokens(gatehouse, browser, client);
    await grantTokens(gatehouse, browser, client);
    expect(await isActive(gatehouse, first.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, first.refresh_token)).status).toBe(200);
  });
});

describe("T8 bodies", () => {
  const token = `${issuer}/token`;
  const send = (body: string | Uint8Array, type = "application/x-www-form-urlencoded") =>
    fetch(token, { method: "POST", body: new Blob([body as never]), headers: type ? { "Content-Type": type } : {} });

  test("T8 JSON is 400", async () => {
    expect(await errorOf(await postJson(token, { grant_type: "authorization_code" }))).toBe("400 invalid_request");
  });

  test.each(["", "text/plain", "application/x-www-form-urlencode", "multipart/form-data; boundary=x", ";", "a/b/c"])(
    "T8 Content-Type %j is 400",
    async (type) => expect(await errorOf(await send("grant_type=refresh_token", type))).toBe("400 invalid_request"),
  );

  test("T8 1 MiB at once is 413, and 80 KiB in pieces", async () => {
    expect(await errorOf(await send("x".repeat(1024 * 1024)))).toBe("413 invalid_request");
    const pieces = Array.from({ length: 5 }, () => new Uint8Array(16 * 1024).fill(120));
    const stream = new Blob(pieces).stream();
    const response = await fetch(token, {
      method: "POST",
      body: stream,
      duplex: "half",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    } as RequestInit);
    expect(await errorOf(response)).toBe("413 invalid_request");
  });

  test.each(["a=%00", "a=\0", "a=%", "a=%zz", "a=%ff", "%00=a", "client_id=a&client_id=a", "=", "&&&", "a"])(
    "T8 the body %j is 400",
    async (body) => expect((await send(body)).status).toBeGreaterThanOrEqual(400),
  );

  test("T8 bytes that aren't UTF-8 are 400", async () => {
    expect(await errorOf(await send(new Uint8Array([0x61, 0x3d, 0xff, 0xfe])))).toBe("400 invalid_request");
  });

  test("T8 a charset in the Content-Type is fine", async () => {
    const grant = await code();
    const fields = new URLSearchParams({
      grant_type: "authorization_code",
      code: grant.code,
      code_verifier: grant.verifier,
      client_id: client.client_id,
    });
    expect((await send(String(fields), "application/x-www-form-urlencoded; charset=UTF-8")).status).toBe(200);
  });

  test("other methods are 405", async () => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      const response = await fetch(token, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("Allow")).toContain("POST");
    }
  });
});

test("an access token ends with its family", async () => {
  const short = await startGatehouse({ vars: { FAMILY_SECONDS: "60", REFRESH_TOKEN_SECONDS: "3600" } });
  const app = await registerClient(short);
  const by = await short.signedInBrowser(await short.addPerson());
  const tokens = await grantTokens(short, by, app);
  expect(tokens.expires_in).toBe(60);
  const { exp, iat } = (await (await introspect(short, tokens.access_token)).json()) as { exp: number; iat: number };
  expect(exp - iat).toBe(60);
  await short.moveClock(61);
  expect(await isActive(short, tokens.access_token)).toBe(false);
  expect(await errorOf(await refresh(short, app, tokens.refresh_token))).toBe("400 invalid_grant");
});

test("R2 a client with a secret may redeem with it in the header and refresh with it in the body", async () => {
  const both = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
  const { code, verifier, redirectUri } = await grantCode(gatehouse, browser, both);
  const fields = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri };
  const redeemed = await postForm(`${issuer}/token`, fields, basic(both.client_id, both.client_secret ?? ""));
  const { refresh_token } = (await redeemed.json()) as { refresh_token: string };
  expect((await refresh(gatehouse, both, refresh_token)).status).toBe(200);
});
