import { beforeEach, describe, expect, test } from "vitest";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { DEVICE_CODE_GRANT } from "../../src/oauth/client-metadata.ts";
import { createDpopKey, type DpopKey, type ProofInput, postProven, signProof } from "../support/dpop.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  authorizationRequest,
  createMachine,
  errorOf,
  type Grant,
  grantCode,
  introspect,
  isActive,
  postForm,
  refresh,
  registerClient,
  type TestClient,
  type Tokens,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const endpoint = `${issuer}/token`;
const browser: HeadlessBrowser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
const client = await registerClient(gatehouse);
const key = await createDpopKey();

const credentials = ({ client_id, client_secret }: TestClient) => ({
  client_id,
  ...(client_secret ? { client_secret } : {}),
});
const codeFields = (by: TestClient, { code, verifier, redirectUri }: Grant) => ({
  ...{ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri, ...credentials(by) },
});
const refreshFields = (by: TestClient, token: string) => ({
  grant_type: "refresh_token",
  refresh_token: token,
  ...credentials(by),
});
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
    "are given for a proof by %s, and say which key",
    async (alg) => {
      const other = await createDpopKey(alg);
      const tokens = await bind(client, other);
      expect(tokens.token_type).toBe("DPoP");
      expect(await confirmationOf(tokens.access_token)).toEqual({ token_type: "DPoP", cnf: { jkt: other.jkt } });
    },
  );

  test("§5 a public client refreshes with the same key, and with no other or none", async () => {
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
    // A second use by who doesn't have the key is refused as such, and ends nothing.
    await gatehouse.moveClock(3600 * 20);
    expect(await errorOf(await postForm(endpoint, fields))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
    expect(await isActive(gatehouse, access_token)).toBe(true);
  });

  test("§5 a client that authenticates may change its key, and not go back to bearer tokens", async () => {
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

  test("§5 a connection without a key is bound by the first proof, and stays so", async () => {
    const { code, verifier, redirectUri } = await grantCode(gatehouse, browser, client);
    const bearer = (await (
      await postForm(endpoint, codeFields(client, { code, verifier, redirectUri }))
    ).json()) as Tokens;
    expect(await confirmationOf(bearer.access_token)).toEqual({ token_type: "Bearer", cnf: undefined });
    const bound = (await (await postProven(issuer, key, refreshFields(client, bearer.refresh_token))).json()) as Tokens;
    expect(await confirmationOf(bound.access_token)).toEqual({ token_type: "DPoP", cnf: { jkt: key.jkt } });
    expect(await errorOf(await refresh(gatehouse, client, bound.refresh_token))).toBe("400 invalid_grant");
  });

  test("T4 a refresh whose answer was lost gives the same pair, to the key alone", async () => {
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

  test("machines and devices get them too", async () => {
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

describe("RFC 9449 §10 a code that is bound to a key by dpop_jkt", () => {
  test("is redeemed by that key, and by no other or none, which spends nothing", async () => {
    const grant = await grantCode(gatehouse, browser, client, { dpop_jkt: key.jkt });
    const fields = codeFields(client, grant);
    expect(await errorOf(await postForm(endpoint, fields))).toBe("400 invalid_grant");
    expect(await errorOf(await postProven(issuer, await createDpopKey(), fields))).toBe("400 invalid_grant");
    expect((await postProven(issuer, key, fields)).status).toBe(200);
  });

  test("a second redemption by who doesn't hold the key revokes nothing", async () => {
    const grant = await grantCode(gatehouse, browser, client, { dpop_jkt: key.jkt });
    const tokens = (await (await postProven(issuer, key, codeFields(client, grant))).json()) as Tokens;
    expect(await errorOf(await postForm(endpoint, codeFields(client, grant)))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  });

  test("what can't be a thumbprint is refused", async () => {
    const { url } = await authorizationRequest(gatehouse, client, { dpop_jkt: "short" });
    const answer = await browser.open(url);
    expect((answer.left ?? answer.url).searchParams.get("error")).toBe("invalid_request");
  });
});

describe("RFC 9449 §4.3 a proof is refused, and nothing is spent", () => {
  let fields: Record<string, string>;
  let nonce: string;
  beforeEach(async () => {
    fields = codeFields(client, await grantCode(gatehouse, browser, client));
    const asked = await postForm(endpoint, fields, { DPoP: await signProof(key, { htm: "POST", htu: endpoint }) });
    nonce = asked.headers.get("DPoP-Nonce") ?? "";
  });
  const post = (proof: string) => postForm(endpoint, fields, { DPoP: proof });
  const proofOf = (claims: ProofInput, header: Record<string, unknown> = {}) =>
    signProof(key, { htm: "POST", htu: endpoint, nonce, ...claims }, header);
  const expectRefused = async (proof: string, error = "400 invalid_dpop_proof") => {
    expect(await errorOf(await post(proof))).toBe(error);
    expect((await post(await proofOf({}))).status).toBe(200);
  };
  const seconds = () => Math.floor(Date.now() / 1000);

  test.each<[string, () => ProofInput]>([
    ["another method", () => ({ htm: "GET" })],
    ["a method in lower case", () => ({ htm: "post" })],
    ["another path", () => ({ htu: `${issuer}/introspect` })],
    ["another host", () => ({ htu: "https://elsewhere.example/token" })],
    ["no URI", () => ({ htu: "token" })],
    ["a URI with credentials", () => ({ htu: endpoint.replace("://", "://user@") })],
    ["an iat of long ago", () => ({ iat: seconds() - 320 })],
    ["an iat far ahead", () => ({ iat: seconds() + 320 })],
    ["an iat that is no number", () => ({ iat: String(seconds()) })],
    ["no iat", () => ({ iat: undefined })],
    ["no jti", () => ({ jti: undefined })],
    ["an endless jti", () => ({ jti: "x".repeat(300) })],
  ])("with %s", async (_, claims) => expectRefused(await proofOf(claims())));

  test.each<[string, () => Promise<string>]>([
    ["another typ", () => proofOf({}, { typ: "JWT" })],
    ["no typ", () => proofOf({}, { typ: undefined })],
    ["no key", () => proofOf({}, { jwk: undefined })],
    ["a key that is none", () => proofOf({}, { jwk: { kty: "EC", crv: "P-256", x: "AA", y: "AA" } })],
    ["another's key", async () => proofOf({}, { jwk: (await createDpopKey()).jwk })],
    ["a private key", async () => proofOf({}, { jwk: { ...key.jwk, d: "AAAA" } })],
    ["a symmetric key", () => proofOf({}, { jwk: { kty: "oct", k: "AAAA" } })],
    [
      "the algorithm none",
      async () => {
        const [, payload] = (await proofOf({})).split(".");
        const header = { alg: "none", typ: "dpop+jwt", jwk: key.jwk };
        return `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}.AAAA`;
      },
    ],
    ["two proofs in one header", async () => `${await proofOf({})}, ${await proofOf({})}`],
    ["a proof that is none", async () => "proof"],
    ["an endless proof", async () => `${"a".repeat(9000)}.b.c`],
  ])("with %s", async (_, proof) => expectRefused(await proof()));

  test.each<[string, () => Promise<string | undefined>]>([
    ["no nonce", async () => undefined],
    ["a nonce of somebody else", async () => "eyJ7S_zG.eyJH0-Z.HX4w-7v"],
    ["a nonce whose time was changed", async () => nonce.replace(/^./, "z")],
  ])("§8 with %s, and the answer has one that is good", async (_, other) => {
    const answer = await post(await proofOf({ nonce: await other() }));
    nonce = answer.headers.get("DPoP-Nonce") ?? "";
    expect(await errorOf(answer)).toBe("400 use_dpop_nonce");
    expect((await post(await proofOf({}))).status).toBe(200);
  });

  test("§8 with a nonce of a while ago", async () => {
    await gatehouse.moveClock(310);
    const late = await post(await proofOf({ iat: seconds() + 310 }));
    await gatehouse.moveClock(0);
    expect(await errorOf(late)).toBe("400 use_dpop_nonce");
  });

  test("§11.1 a second time, also where its request was refused, and by another of the same key it isn't", async () => {
    const proof = await proofOf({ jti: "the same" });
    expect((await post(proof)).status).toBe(200);
    expect(await errorOf(await post(proof))).toBe("400 invalid_dpop_proof");
    expect(await errorOf(await post(await proofOf({ jti: "the same" })))).toBe("400 invalid_dpop_proof");
    fields = codeFields(client, await grantCode(gatehouse, browser, client));
    const other = await createDpopKey();
    expect((await post(await signProof(other, { htm: "POST", htu: endpoint, nonce, jti: "the same" }))).status).toBe(
      200,
    );
  });

  test("of ten at once with one proof, one is taken", async () => {
    const machine = await createMachine(gatehouse);
    fields = { grant_type: "client_credentials", client_id: machine.id, client_secret: machine.secret };
    const proof = await proofOf({});
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test.each([
    ["a query and a fragment", () => `${endpoint}?a=b#c`],
    ["a host in upper case", () => endpoint.replace("localhost", "LOCALHOST")],
    ["dots in its path", () => `${issuer}/x/../token`],
    ["needless escapes", () => `${issuer}/%74oken`],
  ])("but not for %s, which mean the same URI", async (_, htu) => {
    expect((await post(await proofOf({ htu: htu() }))).status).toBe(200);
  });
});

test("M2 M4 the metadata names the algorithms, and pages may read the nonce", async () => {
  const origin = { Origin: "http://localhost:3000" };
  const answer = await fetch(`${issuer}/.well-known/oauth-authorization-server`, { headers: origin });
  expect(answer.headers.get("Access-Control-Expose-Headers")).toContain("DPoP-Nonce");
  const { dpop_signing_alg_values_supported: algorithms } = (await answer.json()) as Record<string, string[]>;
  expect(algorithms).toEqual(["ES256", "EdDSA", "Ed25519", "PS256", "RS256"]);
});
