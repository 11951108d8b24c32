import { beforeEach, describe, expect, test } from "vitest";
import { codeFields, createDpopKey, type ProofInput, signProof } from "../support/dpop.ts";
import { createMachine, errorOf, grantCode, postForm } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser, client } = await ownScene();
const endpoint = `${issuer}/token`;
const key = await createDpopKey();

describe("RFC 9449 §4.3 a proof that is refused, and spends nothing", () => {
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
    ["an old iat", () => ({ iat: seconds() - 320 })],
    ["an iat far ahead", () => ({ iat: seconds() + 320 })],
    ["an iat that isn't a number", () => ({ iat: String(seconds()) })],
    ["no iat", () => ({ iat: undefined })],
    ["no jti", () => ({ jti: undefined })],
    ["an oversized jti", () => ({ jti: "x".repeat(300) })],
  ])("a proof with %s is refused", async (_, claims) => expectRefused(await proofOf(claims())));

  test.each<[string, () => Promise<string>]>([
    ["another typ", () => proofOf({}, { typ: "JWT" })],
    ["no typ", () => proofOf({}, { typ: undefined })],
    ["no key", () => proofOf({}, { jwk: undefined })],
    ["a malformed key", () => proofOf({}, { jwk: { kty: "EC", crv: "P-256", x: "AA", y: "AA" } })],
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
    ["a malformed proof", async () => "proof"],
    ["an oversized proof", async () => `${"a".repeat(9000)}.b.c`],
  ])("a request with %s is refused", async (_, proof) => expectRefused(await proof()));

  test.each<[string, () => Promise<string | undefined>]>([
    ["no nonce", async () => undefined],
    ["a nonce of another server", async () => "eyJ7S_zG.eyJH0-Z.HX4w-7v"],
    ["a nonce whose time was changed", async () => nonce.replace(/^./, "z")],
  ])("§8 a proof with %s is refused, and the answer contains a good nonce", async (_, other) => {
    const answer = await post(await proofOf({ nonce: await other() }));
    nonce = answer.headers.get("DPoP-Nonce") ?? "";
    expect(await errorOf(answer)).toBe("400 use_dpop_nonce");
    expect((await post(await proofOf({}))).status).toBe(200);
  });

  test("§8 a proof with an old nonce is refused", async () => {
    await gatehouse.moveClock(310);
    const late = await post(await proofOf({ iat: seconds() + 310 }));
    await gatehouse.moveClock(0);
    expect(await errorOf(late)).toBe("400 use_dpop_nonce");
  });

  test("§11.1 a proof is refused a second time, even if its first request was refused, unless it has another key", async () => {
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

  test("§11.1 of ten requests at once with one proof, one is accepted", async () => {
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
  ])("§4.3 a proof for the same URI with %s is accepted", async (_, htu) => {
    expect((await post(await proofOf({ htu: htu() }))).status).toBe(200);
  });
});
