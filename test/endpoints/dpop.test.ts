import { describe, expect, test } from "vitest";
import { findClient } from "../../src/flows/admin/lists.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { DEVICE_CODE_GRANT } from "../../src/oauth/grant-type.ts";
import { codeFields, createDpopKey, type DpopKey, postProven, refreshFields } from "../support/dpop.ts";
import {
  authorizationRequest,
  createMachine,
  errorOf,
  grantCode,
  introspect,
  isActive,
  postForm,
  refresh,
  registerClient,
  type TestClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser, client } = await ownScene();
const endpoint = `${issuer}/token`;
const key = await createDpopKey();

async function bind(by: TestClient, to: DpopKey): Promise<Tokens & { token_type: string }> {
  const answer = await postProven(issuer, to, codeFields(by, await grantCode(gatehouse, browser, by)));
  expect(answer.status).toBe(200);
  return (await answer.json()) as Tokens & { token_type: string };
}
const confirmationOf = async (token: string) => {
  const { token_type, cnf } = (await (await introspect(gatehouse, token)).json()) as Record<string, unknown>;
  return { token_type, cnf };
};

describe("RFC 9449 §5 tokens that are bound to a key", () => {
  test.each(["ES256", "EdDSA", "Ed25519", "PS256", "RS256"])(
    "a proof by %s gets bound tokens, and their introspection names the key",
    async (alg) => {
      const other = await createDpopKey(alg);
      const tokens = await bind(client, other);
      expect(tokens.token_type).toBe("DPoP");
      expect(await confirmationOf(tokens.access_token)).toEqual({ token_type: "DPoP", cnf: { jkt: other.jkt } });
    },
  );

  test("§5 a public client can refresh only with the same key", async () => {
    const tokens = await bind(client, key);
    const fields = refreshFields(client, tokens.refresh_token);
    const thief = await createDpopKey();
    expect(await errorOf(await postProven(issuer, thief, fields))).toBe("400 invalid_grant");
    expect(await errorOf(await postForm(endpoint, fields))).toBe("400 invalid_grant");
    const next = await postProven(issuer, key, fields);
    expect(next.status).toBe(200);
    const { access_token, token_type } = (await next.json()) as Tokens & { token_type: string };
    expect(token_type).toBe("DPoP");
    expect(await confirmationOf(access_token)).toEqual({ token_type: "DPoP", cnf: { jkt: key.jkt } });
    // A second use by somebody without the key is refused for the missing key, and ends nothing.
    await gatehouse.moveClock(3600 * 20);
    expect(await errorOf(await postForm(endpoint, fields))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
    expect(await isActive(gatehouse, access_token)).toBe(true);
  });

  test("§5 a client that authenticates may change its key, but can't go back to bearer tokens", async () => {
    const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_post" });
    const tokens = await bind(confidential, key);
    const other = await createDpopKey();
    const fields = refreshFields(confidential, tokens.refresh_token);
    expect(await errorOf(await postForm(endpoint, fields))).toBe("400 invalid_grant");
    const next = (await (await postProven(issuer, other, fields)).json()) as Tokens;
    expect(await confirmationOf(next.access_token)).toEqual({ token_type: "DPoP", cnf: { jkt: other.jkt } });
    expect(await errorOf(await postForm(endpoint, refreshFields(confidential, next.refresh_token)))).toBe(
      "400 invalid_grant",
    );
  });

  test("§5 the first proof binds a connection that had no key, and it stays bound", async () => {
    const { code, verifier, redirectUri } = await grantCode(gatehouse, browser, client);
    const bearer = (await (
      await postForm(endpoint, codeFields(client, { code, verifier, redirectUri }))
    ).json()) as Tokens;
    expect(await confirmationOf(bearer.access_token)).toEqual({ token_type: "Bearer", cnf: undefined });
    const bound = (await (await postProven(issuer, key, refreshFields(client, bearer.refresh_token))).json()) as Tokens;
    expect(await confirmationOf(bound.access_token)).toEqual({ token_type: "DPoP", cnf: { jkt: key.jkt } });
    expect(await errorOf(await refresh(gatehouse, client, bound.refresh_token))).toBe("400 invalid_grant");
  });

  test("T4 a refresh whose answer was lost gives the same pair, but only with the key", async () => {
    const tokens = await bind(client, key);
    const fields = refreshFields(client, tokens.refresh_token);
    const first = (await (await postProven(issuer, key, fields)).json()) as Tokens;
    const again = (await (await postProven(issuer, key, fields)).json()) as Tokens & { token_type: string };
    expect(again).toMatchObject({
      access_token: first.access_token,
      refresh_token: first.refresh_token,
      token_type: "DPoP",
    });
    expect(await errorOf(await postProven(issuer, await createDpopKey(), fields))).toBe("400 invalid_grant");
  });

  test("§5 machines and devices can get bound tokens too", async () => {
    const machine = await createMachine(gatehouse);
    const fields = { grant_type: "client_credentials", client_id: machine.id, client_secret: machine.secret };
    const granted = await postProven(issuer, key, fields);
    expect(await granted.json()).toMatchObject({ token_type: "DPoP" });
    const device = await registerClient(gatehouse, { grant_types: [DEVICE_CODE_GRANT] });
    const asked = await postForm(`${issuer}/device_authorization`, { client_id: device.client_id });
    const { device_code } = (await asked.json()) as { device_code: string };
    const poll = { grant_type: DEVICE_CODE_GRANT, device_code, client_id: device.client_id };
    expect(await errorOf(await postProven(issuer, key, poll))).toBe("400 authorization_pending");
  });
});

describe("RFC 9449 §5.2 a client that registers dpop_bound_access_tokens", async () => {
  const bound = await registerClient(gatehouse, { dpop_bound_access_tokens: true });

  test("R1 is told so, and other clients are not", async () => {
    expect(bound["dpop_bound_access_tokens"]).toBe(true);
    expect(client).not.toHaveProperty("dpop_bound_access_tokens");
    const read = await fetch(String(bound["registration_client_uri"]), {
      headers: { Authorization: `Bearer ${bound["registration_access_token"]}` },
    });
    expect(await read.json()).toMatchObject({ dpop_bound_access_tokens: true });
  });

  test("§5.2 gets tokens only with a proof, and spends nothing without one", async () => {
    const fields = codeFields(bound, await grantCode(gatehouse, browser, bound));
    expect(await errorOf(await postForm(endpoint, fields))).toBe("400 invalid_dpop_proof");
    const answer = await postProven(issuer, key, fields);
    expect(await answer.json()).toMatchObject({ token_type: "DPoP" });
  });

  test("R7 loses the owner's approval if it withdraws that", async () => {
    const { client_id, redirect_uris } = bound;
    await setClientStatus(gatehouse.owner, client_id, "approve");
    const isApproved = async () => (await findClient(gatehouse.owner, client_id))?.approved;
    expect(await isApproved()).toBe(true);
    await fetch(String(bound["registration_client_uri"]), {
      method: "PUT",
      body: JSON.stringify({
        client_id,
        redirect_uris,
        client_name: "Test client",
        token_endpoint_auth_method: "none",
      }),
      headers: {
        Authorization: `Bearer ${bound["registration_access_token"]}`,
        "Content-Type": "application/json",
      },
    });
    expect(await isApproved()).toBe(false);
  });
});

describe("RFC 9449 §10 a code that is bound to a key by dpop_jkt", () => {
  test("§10 can be redeemed only with that key, and an attempt without it spends nothing", async () => {
    const grant = await grantCode(gatehouse, browser, client, { dpop_jkt: key.jkt });
    const fields = codeFields(client, grant);
    expect(await errorOf(await postForm(endpoint, fields))).toBe("400 invalid_grant");
    expect(await errorOf(await postProven(issuer, await createDpopKey(), fields))).toBe("400 invalid_grant");
    expect((await postProven(issuer, key, fields)).status).toBe(200);
  });

  test("§10 isn't revoked by a second redemption without the key", async () => {
    const grant = await grantCode(gatehouse, browser, client, { dpop_jkt: key.jkt });
    const tokens = (await (await postProven(issuer, key, codeFields(client, grant))).json()) as Tokens;
    expect(await errorOf(await postForm(endpoint, codeFields(client, grant)))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  });

  test("§10 is refused if the value can't be a thumbprint", async () => {
    const { url } = await authorizationRequest(gatehouse, client, { dpop_jkt: "short" });
    const answer = await browser.open(url);
    expect((answer.left ?? answer.url).searchParams.get("error")).toBe("invalid_request");
  });
});

test("M2 M4 the metadata names the algorithms, and pages may read the nonce", async () => {
  const origin = { Origin: "http://localhost:3000" };
  const answer = await fetch(`${issuer}/.well-known/oauth-authorization-server`, { headers: origin });
  expect(answer.headers.get("Access-Control-Expose-Headers")).toContain("DPoP-Nonce");
  const { dpop_signing_alg_values_supported: algorithms } = (await answer.json()) as Record<string, string[]>;
  expect(algorithms).toEqual(["ES256", "EdDSA", "Ed25519", "PS256", "RS256"]);
});
