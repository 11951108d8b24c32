import { describe, expect, test } from "vitest";
import { mintToken } from "../../src/lib/token.ts";
import {
  basic,
  errorOf,
  grantCode,
  postForm,
  redeem,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer, browser, client } = await scene();
const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });

/** A secret that this server could have made, but didn't. */
const forgedSecret = await mintToken(gatehouse.owner.keys, "gths");
const code = (of = client, params = {}) => grantCode(gatehouse, browser, of, params);

describe("T5 client authentication", () => {
  const secret = confidential.client_secret ?? "";
  const fieldsFor = (grant: { code: string; verifier: string }) => ({
    grant_type: "authorization_code",
    code: grant.code,
    code_verifier: grant.verifier,
  });
  const attempt = async (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    postForm(`${issuer}/token`, { ...fieldsFor(await code(confidential)), ...fields }, headers);

  test("T5 a client that named no method may send its secret by Basic or in the body", async () => {
    expect((await attempt({}, basic(confidential.client_id, secret))).status).toBe(200);
    expect((await attempt({ client_id: confidential.client_id, client_secret: secret })).status).toBe(200);
    expect((await attempt({ client_id: confidential.client_id }, basic(confidential.client_id, secret))).status).toBe(
      200,
    );
  });

  test.each(["client_secret_basic", "client_secret_post"])(
    "T5 a client that registered %s may send its secret in either way",
    async (method) => {
      const strict = await registerClient(gatehouse, { token_endpoint_auth_method: method });
      const post = { client_id: strict.client_id, client_secret: strict.client_secret ?? "" };
      const header = basic(post.client_id, post.client_secret);
      const grant = async () => fieldsFor(await code(strict));
      expect((await postForm(`${issuer}/token`, { ...(await grant()), ...post })).status).toBe(200);
      expect((await postForm(`${issuer}/token`, await grant(), header)).status).toBe(200);
      // It isn't public either.
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
    ["a malformed Basic header", {}, { Authorization: "Basic !" }],
    ["a Basic header without a colon", {}, { Authorization: `Basic ${btoa("x")}` }],
    ["a Basic header with a bad escape", {}, { Authorization: `Basic ${btoa("%zz:x")}` }],
    ["a Basic header with NUL", {}, { Authorization: `Basic ${btoa("a\0:x")}` }],
    ["a Bearer header", {}, { Authorization: "Bearer x" }],
  ])("T5 %s is 401 invalid_client with a challenge", async (_, fields, headers) => {
    const response = await attempt(fields, headers);
    expect(response.headers.get("WWW-Authenticate")).toBe('Basic realm="gatehouse"');
    expect(await errorOf(response)).toBe("401 invalid_client");
  });

  test("T5 credentials sent in two ways are invalid_request", async () => {
    const header = basic(confidential.client_id, secret);
    expect(await errorOf(await attempt({ client_secret: secret }, header))).toBe("400 invalid_request");
    expect(await errorOf(await attempt({ client_id: client.client_id }, header))).toBe("400 invalid_request");
  });

  test("T5 a stray Bearer header is ignored if the client identifies itself in the body", async () => {
    const stray = { Authorization: "Bearer gtha_stale" };
    const grant = { ...fieldsFor(await code()), client_id: client.client_id };
    expect((await postForm(`${issuer}/token`, grant, stray)).status).toBe(200);
    expect((await attempt({ client_id: confidential.client_id, client_secret: secret }, stray)).status).toBe(200);
    expect(await errorOf(await attempt({ client_id: confidential.client_id }, stray))).toBe("401 invalid_client");
    const token = { token: "gtha_stale", client_id: client.client_id };
    expect((await postForm(`${issuer}/revoke`, token, stray)).status).toBe(200);
  });

  test("T5 the parts of a Basic header are form-decoded", async () => {
    const encoded = [...confidential.client_id].map((each) => `%${each.charCodeAt(0).toString(16)}`).join("");
    expect((await attempt({}, basic(encoded, encodeURIComponent(secret)))).status).toBe(200);
  });

  test("T5 an empty secret of a public client counts as absent", async () => {
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

test("R2 a client with a secret may redeem with it in the header and refresh with it in the body", async () => {
  const both = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
  const { code, verifier, redirectUri } = await grantCode(gatehouse, browser, both);
  const fields = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri };
  const redeemed = await postForm(`${issuer}/token`, fields, basic(both.client_id, both.client_secret ?? ""));
  const { refresh_token } = (await redeemed.json()) as { refresh_token: string };
  expect((await refresh(gatehouse, both, refresh_token)).status).toBe(200);
});
