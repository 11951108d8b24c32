import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import {
  ASSERTION_TYPE,
  type Claims,
  createSigningKey,
  type SigningKey,
  signAssertion,
} from "../support/client-assertion.ts";
import { createInternet } from "../support/internet.ts";
import {
  errorOf,
  grantCode,
  isActive,
  postForm,
  postJson,
  redeem,
  registerClient,
  type TestClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const internet = createInternet();
const { gatehouse, issuer, browser } = await ownScene({ outbound: internet.outbound });
const key = await createSigningKey();

const assertion = (clientId: string, signer: SigningKey = key, claims: Claims = {}) =>
  signAssertion(gatehouse, clientId, signer, claims);

const withKeys = (...keys: SigningKey[]) =>
  registerClient(gatehouse, {
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: keys.map(({ jwk }) => jwk) },
  });

async function tryRedeem(client: TestClient, fields: Record<string, string>): Promise<Response> {
  return redeem(gatehouse, client, await grantCode(gatehouse, browser, client), fields);
}

describe("R9 private_key_jwt", () => {
  test.each(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])(
    "R9 an assertion signed with %s authenticates at the token and revocation endpoints",
    async (alg) => {
      const signer = await createSigningKey(alg);
      const client = await withKeys(signer);
      const response = await tryRedeem(client, await assertion(client.client_id, signer));
      expect(response.status).toBe(200);
      const tokens = (await response.json()) as Tokens;
      const refreshed = await postForm(`${issuer}/token`, {
        grant_type: "refresh_token",
        refresh_token: tokens.refresh_token,
        ...(await assertion(client.client_id, signer)),
      });
      expect(refreshed.status).toBe(200);
      const fresh = (await refreshed.json()) as Tokens;
      const fields = await assertion(client.client_id, signer);
      expect((await postForm(`${issuer}/revoke`, { token: fresh.refresh_token, ...fields })).status).toBe(200);
      expect(await isActive(gatehouse, fresh.access_token)).toBe(false);
    },
  );

  const now = Math.floor(Date.now() / 1000);
  test.each<[string, Claims]>([
    ["another issuer", { iss: "somebody" }],
    ["another audience", { aud: "https://other.example" }],
    ["another endpoint than the called one", { aud: `${issuer}/revoke` }],
    ["the issuer with two slashes", { aud: `${issuer}//` }],
    ["two audiences", { aud: [issuer, "https://other.example"] }],
    ["two audiences of this server", { aud: [issuer, `${issuer}/token`] }],
    ["an empty array of audiences", { aud: [] }],
    ["no audience", { aud: undefined }],
    ["no exp", { exp: undefined }],
    ["an exp in the past", { exp: now - 120 }],
    ["an exp more than 10 minutes ahead", { exp: now + 660 }],
    ["no jti", { jti: undefined }],
    ["an empty jti", { jti: "" }],
    ["an nbf in the future", { nbf: now + 300 }],
  ])("R9 an assertion with %s is 401 and spends nothing", async (_, claims) => {
    const client = await withKeys(key);
    const grant = await grantCode(gatehouse, browser, client);
    expect(await errorOf(await redeem(gatehouse, client, grant, await assertion(client.client_id, key, claims)))).toBe(
      "401 invalid_client",
    );
    expect((await redeem(gatehouse, client, grant, await assertion(client.client_id))).status).toBe(200);
  });

  test.each([
    ["the issuer", issuer],
    ["the issuer with a slash", `${issuer}/`],
    ["the token endpoint", `${issuer}/token`],
    ["an array of one of these", [`${issuer}/token`]],
  ])("R9 the audience may be %s", async (_, aud) => {
    const client = await withKeys(key);
    const response = await tryRedeem(client, await assertion(client.client_id, key, { aud }));
    expect(response.status).toBe(200);
    const { refresh_token } = (await response.json()) as Tokens;
    const fields = await assertion(client.client_id, key, { aud });
    expect((await postForm(`${issuer}/revoke`, { token: refresh_token, ...fields })).status).toBe(200);
    const called = await assertion(client.client_id, key, { aud: `${issuer}/revoke` });
    expect((await postForm(`${issuer}/revoke`, { token: refresh_token, ...called })).status).toBe(200);
  });

  test.each(["EdDSA", "Ed25519"])(
    "R9 a key of Ed25519 may name its algorithm %s, and sign under the other name",
    async (alg) => {
      const signer = await createSigningKey("Ed25519");
      const client = await registerClient(gatehouse, {
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ ...signer.jwk, alg }] },
      });
      for (const name of ["EdDSA", "Ed25519"]) {
        const response = await tryRedeem(client, await assertion(client.client_id, { ...signer, alg: name }));
        expect(response.status, name).toBe(200);
      }
    },
  );

  test("R9 a client whose keys can't make an accepted signature is refused when it registers", async () => {
    const register = async (metadata: Record<string, unknown>) =>
      errorOf(
        await postJson(`${issuer}/register`, {
          redirect_uris: ["https://app.example/cb"],
          token_endpoint_auth_method: "private_key_jwt",
          ...metadata,
        }),
      );
    for (const alg of ["ES384", "RS512"]) {
      const { jwk } = await createSigningKey(alg);
      expect(await register({ jwks: { keys: [jwk] } }), alg).toBe("400 invalid_client_metadata");
    }
    const encrypting = { ...key.jwk, use: "enc" };
    expect(await register({ jwks: { keys: [encrypting] } })).toBe("400 invalid_client_metadata");
    const uri = "https://keys.example/jwks.json";
    expect(await register({ jwks_uri: uri, token_endpoint_auth_signing_alg: "ES512" })).toBe(
      "400 invalid_client_metadata",
    );
  });

  test("R9 an assertion with another client's key, another sub, no signature or a symmetric one is 401", async () => {
    const client = await withKeys(key);
    const stranger = await createSigningKey("RS256", key.kid);
    expect((await tryRedeem(client, await assertion(client.client_id, stranger))).status).toBe(401);
    expect((await tryRedeem(client, await assertion(client.client_id, key, { sub: "client_other" }))).status).toBe(401);
    const [, payload] = (await assertion(client.client_id)).client_assertion.split(".");
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const forged = [`${header({ alg: "none" })}.${payload}.`, "a.b.c", "junk", ""];
    for (const client_assertion of forged) {
      const response = await tryRedeem(client, { client_assertion_type: ASSERTION_TYPE, client_assertion });
      expect(response.status, client_assertion).toBe(401);
    }
    const secret = new TextEncoder().encode(JSON.stringify(key.jwk));
    const hmac = await new SignJWT({
      iss: client.client_id,
      sub: client.client_id,
      aud: issuer,
      exp: now + 60,
      jti: "j",
    })
      .setProtectedHeader({ alg: "HS256", kid: key.kid })
      .sign(secret);
    expect((await tryRedeem(client, { client_assertion_type: ASSERTION_TYPE, client_assertion: hmac })).status).toBe(
      401,
    );
  });

  test("R9 an assertion is accepted once, however often it arrives at the same time", async () => {
    const client = await withKeys(key);
    const fields = await assertion(client.client_id);
    const grants = [];
    for (let n = 0; n < 8; n++) grants.push(await grantCode(gatehouse, browser, client));
    const responses = await Promise.all(grants.map((grant) => redeem(gatehouse, client, grant, fields)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
  });

  test("R9 a client of private_key_jwt has to use it, and other clients can't", async () => {
    const client = await withKeys(key);
    expect(await errorOf(await tryRedeem(client, {}))).toBe("401 invalid_client");
    const open = await registerClient(gatehouse);
    expect(await errorOf(await tryRedeem(open, await assertion(open.client_id)))).toBe("401 invalid_client");
  });

  test("T5 an assertion beside a secret, or of the wrong type, is invalid_request", async () => {
    const client = await withKeys(key);
    const fields = await assertion(client.client_id);
    expect(await errorOf(await tryRedeem(client, { ...fields, client_secret: "x" }))).toBe("400 invalid_request");
    expect(await errorOf(await tryRedeem(client, { ...fields, client_assertion_type: "saml" }))).toBe(
      "400 invalid_request",
    );
  });
});
