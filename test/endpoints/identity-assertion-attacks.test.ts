import { createHmac } from "node:crypto";
import { sql } from "drizzle-orm";
import { exportSPKI, importJWK } from "jose";
import { describe, expect, test } from "vitest";
import { mintToken } from "../../src/lib/token.ts";
import { createDpopKey, postProven } from "../support/dpop.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  type Claims,
  createAssertingClient,
  inSeconds,
  makeKey,
  present,
  refusal,
  startIssuer,
  trustIssuer,
  vouch,
} from "../support/issuer.ts";
import { basic, errorOf, postForm } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, resource, owner } = gatehouse;
const client = await createAssertingClient(gatehouse);
const acme = await trustIssuer(gatehouse);

const vouched = (claims: Claims = {}, header: Claims = {}) => vouch(gatehouse, acme, client.id, claims, header);
const sent = (assertion: string, fields: Record<string, string> = {}) => present(gatehouse, client, assertion, fields);

describe("T2 identity assertions that are refused", () => {
  test.each([
    ["typ JWT, like an ID token", {}, { typ: "JWT" }, "typ"],
    ["no typ", {}, { typ: undefined }, "typ"],
    ["the typ of an access token", {}, { typ: "at+jwt" }, "typ"],
    ["the aud of another server", { aud: "https://other.example" }, {}, "aud"],
    ["the token endpoint as aud", { aud: `${issuer}/token` }, {}, "aud"],
    ["two audiences, one of them ours", { aud: [issuer, "https://other.example"] }, {}, "aud"],
    ["no aud", { aud: undefined }, {}, "aud"],
    ["another client", { client_id: "client_AAAAAAAAAAAAAAAAAAAAAA" }, {}, "another client"],
    ["no client", { client_id: undefined }, {}, "another client"],
    ["a past exp", { exp: inSeconds(-60) }, {}, "expired"],
    ["an exp a day ahead", { exp: inSeconds(86_400) }, {}, "too far ahead"],
    ["an exp in words", { exp: "tomorrow" }, {}, "no exp"],
    ["an iat in an hour", { iat: inSeconds(3600), exp: inSeconds(3500) }, {}, "from the future"],
    ["an nbf in an hour", { nbf: inSeconds(3000) }, {}, "from the future"],
    ["no iat", { iat: undefined }, {}, "no iat"],
    ["no jti", { jti: undefined }, {}, "no jti"],
    ["an oversized jti", { jti: "j".repeat(300) }, {}, "jti"],
    ["no sub", { sub: undefined }, {}, "no sub"],
    ["a sub with NUL", { sub: "a\0b" }, {}, "no sub"],
    ["an unknown tenant", { tenant: "evil" }, {}, "tenant"],
    ["authorization details", { authorization_details: [{ type: "x" }] }, {}, "authorization_details"],
    ["a certificate that it is bound to", { cnf: { "x5t#S256": "x" } }, {}, "bound"],
    ["no resource", { resource: [] }, {}, "resource"],
    ["a resource that isn't a URL", { resource: "weather" }, {}, "resource"],
    ["the resource of another server too", { resource: [resource.uri, "https://other.example/mcp"] }, {}, "resource"],
    ["scopes in an object", { scope: { a: 1 } }, {}, "scope"],
  ] satisfies [string, Claims, Claims, string][])(
    "T2 an assertion with %s is refused",
    async (_, claims, header, said) => {
      const answer = await refusal(sent(await vouched(claims, header)));
      expect(answer).toMatch(/^400 invalid_grant /);
      expect(answer).toContain(said);
    },
  );

  test("T2 an unsigned assertion is refused, and so is one signed with a public key or by a stranger under the issuer's kid", async () => {
    const [, payload = ""] = (await vouched()).split(".");
    const encode = (header: object) => Buffer.from(JSON.stringify(header)).toString("base64url");
    const none = `${encode({ alg: "none", typ: "oauth-id-jag+jwt" })}.${payload}.`;
    expect(await refusal(sent(none))).toContain("alg of the assertion is not supported");
    // The public key as the secret of HS256.
    const spki = await exportSPKI((await importJWK(acme.key.jwk, "RS256")) as CryptoKey);
    const head = `${encode({ alg: "HS256", typ: "oauth-id-jag+jwt", kid: acme.key.kid })}.${payload}`;
    const mac = createHmac("sha256", spki).update(head).digest("base64url");
    expect(await refusal(sent(`${head}.${mac}`))).toContain("alg of the assertion is not supported");
    const other = { ...(await makeKey()), kid: acme.key.kid };
    const forged = await acme.sign({ iss: acme.issuer }, { typ: "oauth-id-jag+jwt" }, other);
    expect(await errorOf(await sent(forged))).toBe("400 invalid_grant");
    const whole = await startIssuer();
    Object.assign(whole, { sign: (claims: Claims, header: Claims) => acme.sign(claims, header, other) });
    const claims = { iss: acme.issuer };
    expect(await refusal(sent(await vouch(gatehouse, whole, client.id, claims)))).toContain("SIGNATURE");
  });

  test("T2 a key in the header, or at an address in the header, is ignored", async () => {
    const stranger = await makeKey();
    for (const header of [
      { jwk: stranger.jwk },
      { jku: "https://evil.example/jwks" },
      { x5u: "https://evil.example" },
    ]) {
      const all = { typ: "oauth-id-jag+jwt", kid: stranger.kid, ...header };
      const claims = { iss: acme.issuer, sub: "x", aud: issuer, client_id: client.id, jti: "1" };
      const assertion = await acme.sign({ ...claims, iat: inSeconds(0), exp: inSeconds(60) }, all, stranger);
      expect(await errorOf(await sent(assertion))).toBe("400 invalid_grant");
    }
  });

  test("T2 perfect assertions of an issuer that isn't trusted are refused", async () => {
    const stranger = await startIssuer();
    expect(await refusal(sent(await vouch(gatehouse, stranger, client.id)))).toContain("not trusted");
    expect(stranger.asked).toBe(0);
  });

  test("T2 an issuer with a slash more or with other capitals is another issuer", async () => {
    for (const iss of [`${acme.issuer}/`, acme.issuer.toUpperCase()]) {
      expect(await refusal(sent(await vouched({ iss })))).toContain("not trusted");
    }
  });

  test("T2 an issuer that is trusted for programs alone can't vouch for people", async () => {
    const programs = await trustIssuer(gatehouse, { vouches: false, joining: [] });
    expect(await refusal(sent(await vouch(gatehouse, programs, client.id)))).toContain("not trusted");
  });

  test("T5 a client that doesn't authenticate learns nothing about issuers, and spends nothing", async () => {
    const assertion = await vouched();
    const forged = await vouched({ iss: "https://nobody.example" });
    for (const each of [assertion, forged]) {
      const wrong = await mintToken(gatehouse.owner.keys, "gths");
      const answer = await present(gatehouse, { ...client, secret: wrong }, each);
      expect(await errorOf(answer)).toBe("401 invalid_client");
      const fields = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: each };
      expect(await errorOf(await postForm(`${issuer}/token`, { ...fields, client_id: client.id }))).toBe(
        "401 invalid_client",
      );
      expect(await errorOf(await postForm(`${issuer}/token`, fields))).toBe("401 invalid_client");
    }
    expect((await sent(assertion)).status).toBe(200);
  });

  test("T6 a client without this grant is refused, and so is a public client, and nothing is spent", async () => {
    const other = await createAssertingClient(gatehouse, {
      grant_types: ["authorization_code"],
      redirect_uris: ["https://app.example/cb"],
    });
    expect(await errorOf(await present(gatehouse, other, await vouch(gatehouse, acme, other.id)))).toBe(
      "400 unauthorized_client",
    );
    const { id } = await createAssertingClient(gatehouse, { token_endpoint_auth_method: "none" });
    const fields = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", client_id: id };
    const assertion = await vouch(gatehouse, acme, id);
    expect(await refusal(postForm(`${issuer}/token`, { ...fields, assertion }))).toMatch(/^400 unauthorized_client /);
  });
});

describe("T2 the keys of an issuer", () => {
  test("T2 an unknown kid makes the server fetch the keys again, once a minute at most", async () => {
    const by = await trustIssuer(gatehouse);
    expect((await sent(await vouch(gatehouse, by, client.id))).status).toBe(200);
    const before = by.asked;
    const rotated = await makeKey("ES256");
    by.published.push(rotated.jwk);
    const signed = (key: typeof rotated) => {
      const claims = { iss: by.issuer, sub: "x", aud: issuer, client_id: client.id, jti: crypto.randomUUID() };
      return by.sign({ ...claims, iat: inSeconds(0), exp: inSeconds(60) }, { typ: "oauth-id-jag+jwt" }, key);
    };
    await owner.db.run(
      sql`update trusted_issuers set jwks_asked_at = now() - interval '2 minutes' where name = ${by.name}`,
    );
    expect((await sent(await signed(rotated))).status).toBe(200);
    const strangers = await Promise.all(
      Array.from({ length: 8 }, async () => sent(await signed(await makeKey("ES256")))),
    );
    expect(new Set(strangers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(by.asked).toBe(before + 1);
  });
});

describe("T1 DPoP", () => {
  test("T1 an assertion that is bound to a key requires a proof of that key, and so does its token", async () => {
    const [key, other] = [await createDpopKey(), await createDpopKey()];
    const fields = async () => ({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: await vouched({ cnf: { jkt: key.jkt } }),
    });
    const headers = basic(client.id, client.secret);
    expect(await refusal(sent((await fields()).assertion))).toContain("cnf");
    expect(await errorOf(await postProven(issuer, other, await fields(), {}, headers))).toBe("400 invalid_grant");
    const bound = (await (await postProven(issuer, key, await fields(), {}, headers)).json()) as Record<string, string>;
    expect(bound["token_type"]).toBe("DPoP");
  });
});
