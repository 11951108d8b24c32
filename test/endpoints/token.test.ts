import { describe, expect, test } from "vitest";
import { askAtOnce } from "../support/at-once.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
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
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser, client } = await ownScene();
const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
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

  test("T1 a client that didn't register the refresh grant gets no refresh token", async () => {
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

describe("T3 a code works once", () => {
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

  test("T3 of fifty redemptions at once, one wins, and then everything is revoked", async () => {
    const responses = await askAtOnce(50, async () => {
      const grant = await code();
      return () => redeem(gatehouse, client, grant);
    });
    const won = responses.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const response of responses)
      if (response.status !== 200) expect(await errorOf(response)).toBe("400 invalid_grant");
    const tokens = (await won[0]?.json()) as Tokens;
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
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

describe("T8 bodies", () => {
  const token = `${issuer}/token`;
  const send = (body: string | Uint8Array, type = "application/x-www-form-urlencoded") =>
    fetch(token, { method: "POST", body: new Blob([body as never]), headers: type ? { "Content-Type": type } : {} });

  test("T8 a body of JSON is 400", async () => {
    expect(await errorOf(await postJson(token, { grant_type: "authorization_code" }))).toBe("400 invalid_request");
  });

  test.each(["", "text/plain", "application/x-www-form-urlencode", "multipart/form-data; boundary=x", ";", "a/b/c"])(
    "T8 the Content-Type %j is 400",
    async (type) => expect(await errorOf(await send("grant_type=refresh_token", type))).toBe("400 invalid_request"),
  );

  test("T8 1 MiB in one piece is 413, and so are 80 KiB in several", async () => {
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

  test("T8 a body that isn't UTF-8 is 400", async () => {
    expect(await errorOf(await send(new Uint8Array([0x61, 0x3d, 0xff, 0xfe])))).toBe("400 invalid_request");
  });

  test("T8 a charset in the Content-Type is accepted", async () => {
    const grant = await code();
    const fields = new URLSearchParams({
      grant_type: "authorization_code",
      code: grant.code,
      code_verifier: grant.verifier,
      client_id: client.client_id,
    });
    expect((await send(String(fields), "application/x-www-form-urlencoded; charset=UTF-8")).status).toBe(200);
  });

  test("T1 methods other than POST are 405", async () => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      const response = await fetch(token, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("Allow")).toContain("POST");
    }
  });
});

test("T7 an access token ends with its family", async () => {
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
