import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { tokenVerifier } from "../../src/resource-server/mcp.ts";
import { tokenVerifier as tokenVerifierV1 } from "../../src/resource-server/mcp-v1.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { athOf, createDpopKey, type DpopKey, type ProofInput, postProven, signProof } from "../support/dpop.ts";
import { grantCode, grantTokens, type Tokens } from "../support/oauth-client.ts";
import { ADAPTERS, bearer, protectedOptions, startAdapter } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();
const options = await protectedOptions(gatehouse, "https://notes.example/mcp");
const { resource } = options;
const ALGS = 'algs="ES256 EdDSA Ed25519 PS256 RS256"';
const key = await createDpopKey();

/** A token that is bound to a key. */
async function bindTo(to: DpopKey): Promise<string> {
  const { code, verifier, redirectUri } = await grantCode(gatehouse, browser, client, { resource });
  const fields = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri };
  const answer = await postProven(gatehouse.issuer, to, { ...fields, client_id: client.client_id });
  return ((await answer.json()) as Tokens).access_token;
}
const token = await bindTo(key);
const plain = (await grantTokens(gatehouse, browser, client, { resource })).access_token;
const proofOf = (claims: ProofInput = {}, header: Record<string, unknown> = {}, by = key) =>
  signProof(by, { htm: "POST", htu: resource, ath: athOf(token), ...claims }, header);
const proven = (proof: string, presented = token) => ({ Authorization: `DPoP ${presented}`, DPoP: proof });
const seconds = () => Math.floor(Date.now() / 1000);

describe.each(ADAPTERS)("%s", (adapter) => {
  const settings = { ...options, address: () => null };
  const started = Promise.all([
    startAdapter(adapter, settings),
    startAdapter(adapter, { ...settings, requireDpop: true }),
  ]);
  beforeAll(() => started);
  afterAll(async () => {
    for (const { stop } of await started) await stop();
  });
  const post = async (headers: Record<string, string>, { requireDpop = false, path = "/mcp" } = {}) => {
    const response = await (await started)[requireDpop ? 1 : 0].send(path, { method: "POST", headers });
    const challenge = response.headers.get("WWW-Authenticate") ?? "";
    const [, scheme, error] = /^(\w+)(?:.*\berror="(\w+)")?/.exec(challenge) ?? [];
    return { status: response.status, refused: `${response.status} ${scheme} ${error}`, challenge };
  };
  const passes = async (...of: Parameters<typeof post>) => expect((await post(...of)).status).toBe(200);

  test("RFC 9449 §7.1 a bound token with a proof of its key passes once", async () => {
    const proof = await proofOf();
    await passes(proven(proof));
    expect((await post(proven(proof))).refused).toBe("401 DPoP invalid_dpop_proof");
    await passes(proven(await proofOf()));
  });

  test("RFC 9449 §7.2 a bound token isn't accepted as a bearer token, and a bearer token isn't accepted with a proof", async () => {
    const downgraded = await post(bearer(token));
    expect(downgraded.refused).toBe("401 DPoP invalid_token");
    expect(downgraded.challenge).toContain(ALGS);
    expect(downgraded.challenge).toContain("resource_metadata=");
    expect((await post({ ...bearer(token), DPoP: await proofOf() })).refused).toBe("401 DPoP invalid_token");
    expect((await post(proven(await proofOf({ ath: athOf(plain) }), plain))).refused).toBe("401 DPoP invalid_token");
    await passes(bearer(plain));
  });

  test("RFC 9449 §7.2 a server that requires bound tokens refuses others, and its challenge says so", async () => {
    const required = { requireDpop: true };
    expect((await post(bearer(plain), required)).refused).toBe("401 DPoP invalid_token");
    expect((await post({}, required)).refused).toBe("401 DPoP undefined");
    await passes(proven(await proofOf()), required);
    const metadata = await (await started)[1].send("/.well-known/oauth-protected-resource/mcp");
    expect(await metadata.json()).toMatchObject({ dpop_bound_access_tokens_required: true });
  });

  test.each<[string, () => Promise<string>]>([
    ["another method", () => proofOf({ htm: "GET" })],
    ["another URI", () => proofOf({ htu: "https://notes.example/other" })],
    ["another origin", () => proofOf({ htu: "https://elsewhere.example/mcp" })],
    ["another token's hash", () => proofOf({ ath: athOf(plain) })],
    ["no hash of the token", () => proofOf({ ath: undefined })],
    ["another key", async () => proofOf({}, {}, await createDpopKey())],
    ["its key, but signed by another", async () => proofOf({}, { jwk: key.jwk }, await createDpopKey())],
    ["its private key", () => proofOf({}, { jwk: { ...key.jwk, d: "AAAA" } })],
    [
      "a key type named like a property of every object",
      () => proofOf({}, { jwk: { ...key.jwk, kty: "constructor" } }),
    ],
    ["another typ", () => proofOf({}, { typ: "jwt" })],
    ["an old iat", () => proofOf({ iat: seconds() - 320 })],
    ["an iat far ahead", () => proofOf({ iat: seconds() + 320 })],
    ["an iat that is a string", () => proofOf({ iat: String(seconds()) })],
    ["no jti", () => proofOf({ jti: undefined })],
    ["a header that isn't a JWT", async () => "a.b.c"],
    ["two proofs", async () => `${await proofOf()}, ${await proofOf()}`],
    [
      "the algorithm none",
      async () => {
        const [, body] = (await proofOf()).split(".");
        const head = Buffer.from(JSON.stringify({ alg: "none", typ: "dpop+jwt", jwk: key.jwk })).toString("base64url");
        return `${head}.${body}.AAAA`;
      },
    ],
  ])("RFC 9449 §4.3 a proof with %s is refused", async (_, proof) => {
    expect((await post(proven(await proof()))).refused).toBe("401 DPoP invalid_dpop_proof");
  });

  test("RFC 9449 §4.3 a bound token without a proof is refused, and so are two credentials", async () => {
    expect((await post({ Authorization: `DPoP ${token}` })).refused).toBe("401 DPoP invalid_dpop_proof");
    const both = { Authorization: `DPoP ${token}, Bearer ${token}`, DPoP: await proofOf() };
    expect((await post(both)).status).toBe(400);
  });

  test.each([
    ["a query and a fragment", `${resource}?a=b#c`],
    ["a host in upper case and the default port", "https://NOTES.example:443/mcp"],
    ["needless escapes", "https://notes.example/%6dcp"],
  ])("RFC 9449 §4.3 a proof for the same URI with %s passes", async (_, htu) => passes(proven(await proofOf({ htu }))));
});

test.each(["EdDSA", "PS256", "RS256"])("RFC 9449 §5.1 a proof by a key for %s passes", async (alg) => {
  const other = await createDpopKey(alg);
  const bound = await bindTo(other);
  const proof = await signProof(other, { htm: "POST", htu: resource, ath: athOf(bound) });
  const request = new Request(resource, { method: "POST", headers: proven(proof, bound) });
  expect(await resourceServer(options).authenticate(request)).toMatchObject({ clientId: client.client_id });
});

test("K3 a stream of a bound token continues without another proof until the token ends", async () => {
  const server = resourceServer({ ...options, streamCheckSeconds: 1 });
  const request = new Request(resource, { method: "POST", headers: proven(await proofOf()) });
  const auth = await server.authenticate(request);
  if (auth instanceof Response) throw new Error("refused");
  const events = new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } });
  const reader = server.endWithToken({ request, auth }, events).body?.getReader();
  const reading = reader?.read();
  const first = await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 1500, "open"))]);
  expect(first).toBe("open");
  await reader?.cancel();
});

test("K3 the verifiers for the SDKs refuse bound tokens, because they see no proof", async () => {
  const error = vi.spyOn(console, "error").mockReturnValue();
  for (const verifier of [tokenVerifier, tokenVerifierV1]) {
    await expect(verifier(resourceServer(options)).verifyAccessToken(token)).rejects.toThrow(/not for this server/);
    await expect(verifier(resourceServer(options)).verifyAccessToken(plain)).resolves.toMatchObject({
      username: expect.any(String),
    });
    const required = resourceServer({ ...options, requireDpop: true });
    await expect(verifier(required).verifyAccessToken(plain)).rejects.toThrow(/not for this server/);
  }
  error.mockRestore();
});
