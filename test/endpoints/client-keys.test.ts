import { describe, expect, test } from "vitest";
import { type Claims, createSigningKey, type SigningKey, signAssertion } from "../support/client-assertion.ts";
import { createInternet } from "../support/internet.ts";
import {
  errorOf,
  grantCode,
  grantTokens,
  postForm,
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

async function tryRedeem(client: TestClient, fields: Record<string, string>): Promise<Response> {
  return redeem(gatehouse, client, await grantCode(gatehouse, browser, client), fields);
}

describe("R9 a client that begins without authentication and continues with its key", () => {
  const document = {
    client_id: "https://changing.example/client.json",
    client_name: "Changing",
    redirect_uris: ["https://app.example/callback"],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const refreshWith = (token: string, fields: Record<string, string>) =>
    postForm(`${issuer}/token`, { grant_type: "refresh_token", refresh_token: token, ...fields });

  test("R9 T5 it may authenticate more strongly than before, but from then on not more weakly", async () => {
    internet.serve(document.client_id, document);
    const unproven = { client_id: document.client_id };
    const tokens = await grantTokens(gatehouse, browser, document);
    const key = await createSigningKey();
    const proof = () => assertion(document.client_id, key);
    const next = (await (await refreshWith(tokens.refresh_token, unproven)).json()) as Tokens;
    // Until the client declares the method, a key isn't a credential of it.
    expect(await errorOf(await refreshWith(next.refresh_token, await proof()))).toBe("401 invalid_client");

    // Seen in August 2026: the document of a client with many connections changes like this.
    internet.serve(document.client_id, {
      ...document,
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
      jwks: { keys: [key.jwk] },
    });
    await gatehouse.moveClock(10 * 60);
    await grantTokens(gatehouse, browser, document);
    await gatehouse.moveClock(0);
    const proven = await refreshWith(next.refresh_token, await proof());
    expect(proven.status).toBe(200);
    const { refresh_token: bound } = (await proven.json()) as Tokens;
    expect(await errorOf(await refreshWith(bound, unproven))).toBe("401 invalid_client");
    // Nor does somebody without the key get the pair again.
    expect(await errorOf(await refreshWith(next.refresh_token, unproven))).toBe("401 invalid_client");
    expect((await refreshWith(bound, await proof())).status).toBe(200);
  });

  test("R9 the strongest authentication of parallel refreshes binds the family", async () => {
    const key = await createSigningKey();
    const client_id = "https://racing.example/client.json";
    internet.serve(client_id, {
      ...document,
      client_id,
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
      jwks: { keys: [key.jwk] },
    });
    const { refresh_token } = await grantTokens(gatehouse, browser, { ...document, client_id });
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, n) =>
        refreshWith(refresh_token, n % 2 ? { client_id } : await assertion(client_id, key)),
      ),
    );
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect((await refreshWith(refresh_token, await assertion(client_id, key))).status).toBe(200);
    expect((await refreshWith(refresh_token, { client_id })).status).toBe(401);
  });
});

describe("R9 keys at a jwks_uri", () => {
  let count = 0;
  const publishKeys = (...keys: SigningKey[]) => {
    const url = `https://keys${++count}.example/jwks.json`;
    internet.serve(url, { keys: keys.map(({ jwk }) => jwk) });
    return url;
  };
  const withUri = (jwks_uri: string) =>
    registerClient(gatehouse, { token_endpoint_auth_method: "private_key_jwt", jwks_uri });

  test("R9 keys are fetched once, and again for an unknown kid at most once a minute", async () => {
    const [first, second] = [await createSigningKey(), await createSigningKey()];
    const url = publishKeys(first);
    const client = await withUri(url);
    const attempt = async (signer: SigningKey) =>
      (await tryRedeem(client, await assertion(client.client_id, signer))).status;
    expect([await attempt(first), await attempt(first)]).toEqual([200, 200]);
    expect(internet.asked(url)).toBe(1);
    internet.serve(url, { keys: [second.jwk] });
    expect(await attempt(second)).toBe(401);
    expect(internet.asked(url)).toBe(1);
    await gatehouse.moveClock(61);
    const late = await assertion(client.client_id, second, { exp: Math.floor(Date.now() / 1000) + 120 });
    expect((await tryRedeem(client, late)).status).toBe(200);
    expect(internet.asked(url)).toBe(2);
    await gatehouse.moveClock(0);
    expect(await attempt(first)).toBe(401);
    expect(internet.asked(url)).toBe(2);
  });

  test("R9 withdrawn keys are accepted for a day at most, even if fetching them fails once after it", async () => {
    const [old, next] = [await createSigningKey(), await createSigningKey()];
    const url = publishKeys(old);
    const client = await withUri(url);
    const statusAfter = async (hours: number) => {
      await gatehouse.moveClock(hours * 3600);
      const exp = Math.floor(Date.now() / 1000) + hours * 3600 + 60;
      const fields = { ...(await assertion(client.client_id, old, { exp })), grant_type: "refresh_token" };
      return errorOf(await postForm(`${issuer}/token`, { refresh_token: "junk", ...fields }));
    };
    expect(await statusAfter(0)).toBe("400 invalid_grant");
    internet.serve(url, () => new Response("", { status: 503 }));
    expect(await statusAfter(25)).toBe("400 invalid_grant");
    internet.serve(url, { keys: [next.jwk] });
    expect(await statusAfter(26)).toBe("401 invalid_client");
    await gatehouse.moveClock(0);
  });

  test("Outages: keys in use are accepted for a day while none can be fetched for an unknown kid", async () => {
    const [first, second] = [await createSigningKey(), await createSigningKey()];
    const url = publishKeys(first);
    const client = await withUri(url);
    expect((await tryRedeem(client, await assertion(client.client_id, first))).status).toBe(200);
    internet.serve(url, () => new Response("", { status: 500 }));
    await gatehouse.moveClock(61);
    const late = await assertion(client.client_id, second, { exp: Math.floor(Date.now() / 1000) + 120 });
    expect(await errorOf(await tryRedeem(client, late))).toBe("503 temporarily_unavailable");
    await gatehouse.moveClock(0);
  });

  test("Outages: keys that can't be fetched are an outage, and not the client's error", async () => {
    const url = `https://keys${++count}.example/jwks.json`;
    internet.serve(url, () => new Response("", { status: 500 }));
    const client = await withUri(url);
    expect(await errorOf(await tryRedeem(client, await assertion(client.client_id)))).toBe(
      "503 temporarily_unavailable",
    );
  });
});

describe("R9 a document that lists both none and private_key_jwt (ChatGPT)", () => {
  const client: TestClient = {
    client_id: "https://chat.example/oauth/client.json",
    client_name: "Chat",
    redirect_uris: ["https://chat.example/connector_platform_oauth_redirect"],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
    token_endpoint_auth_signing_alg: "RS256",
    jwks_uri: "https://chat.example/oauth/jwks.json",
  };
  internet.serve(client.client_id, client);
  internet.serve("https://chat.example/oauth/jwks.json", { keys: [key.jwk] });
  const refreshWith = async (tokens: Tokens, fields: Record<string, string>) =>
    postForm(`${issuer}/token`, { grant_type: "refresh_token", refresh_token: tokens.refresh_token, ...fields });

  test("R9 the client may use either, and its family requires at least what was used", async () => {
    const keyed = (await (await tryRedeem(client, await assertion(client.client_id))).json()) as Tokens;
    expect(await errorOf(await refreshWith(keyed, { client_id: client.client_id }))).toBe("401 invalid_client");
    expect((await refreshWith(keyed, await assertion(client.client_id))).status).toBe(200);
    const open = (await (await tryRedeem(client, {})).json()) as Tokens;
    expect((await refreshWith(open, { client_id: client.client_id })).status).toBe(200);
  });

  test("R9 a document that lists only private_key_jwt has to authenticate, even if it names no single method", async () => {
    const { token_endpoint_auth_method: _, ...rest } = client;
    for (const [path, methods] of [
      ["listed.json", { token_endpoint_auth_methods_supported: ["private_key_jwt"] }],
      ["single.json", { token_endpoint_auth_methods_supported: [], token_endpoint_auth_method: "private_key_jwt" }],
    ] as const) {
      const strict = { ...rest, ...methods, client_id: `https://chat.example/oauth/${path}` };
      internet.serve(strict.client_id, strict);
      expect(await errorOf(await tryRedeem(strict, {}))).toBe("401 invalid_client");
      expect((await tryRedeem(strict, await assertion(strict.client_id))).status).toBe(200);
    }
  });
});
