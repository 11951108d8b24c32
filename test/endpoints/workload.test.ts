import { describe, expect, test } from "vitest";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { addIssuer, removeIssuer, setIssuerStatus } from "../../src/flows/admin/issuers.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { addWorkload, readWorkloads, removeWorkload } from "../../src/flows/admin/workloads.ts";
import { createDpopKey, postProven } from "../support/dpop.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  addProgram,
  type Claims,
  inSeconds,
  makeKey,
  presentProgram,
  programToken,
  startIssuer,
  trustIssuer,
} from "../support/issuer.ts";
import { basic, errorOf, introspect, isActive, postForm, type Tokens } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, owner, resource } = gatehouse;
const PROGRAMS = { vouches: false, joining: [] };
const actions = await trustIssuer(gatehouse, PROGRAMS);
const machine = await addProgram(gatehouse, actions, {
  claims: { repository: "acme/*", ref: "refs/heads/main" },
  scope: "mcp:tools mcp:prompts",
});

const token = (claims: Claims = {}, header: Claims = {}) => programToken(gatehouse, actions, claims, header);
const ask = async (assertion: Promise<string>, fields: Record<string, string> = {}) =>
  presentProgram(gatehouse, await assertion, fields);
const granted = async (response: Response): Promise<Tokens> => {
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Tokens;
};
const refusal = async (response: Promise<Response>): Promise<string> => {
  const answer = await response;
  const body = (await answer.json()) as Record<string, string>;
  return `${answer.status} ${body["error"]} ${body["error_description"]}`;
};

describe("T1 a program without a secret (RFC 7523 §2.1)", () => {
  test("T1 gets a token for its server, as the machine that its rule names, without a refresh token", async () => {
    const tokens = await granted(await ask(token()));
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^gtha_/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "mcp:tools mcp:prompts",
      resource: resource.uri,
    });
    const found = (await (await introspect(gatehouse, tokens.access_token)).json()) as Record<string, unknown>;
    expect(found).toMatchObject({ active: true, sub: machine, client_id: machine, aud: resource.uri });
    expect(found).not.toHaveProperty("username");
    expect((await granted(await ask(token(), { scope: "mcp:prompts mcp:resources" }))).scope).toBe("mcp:prompts");
    expect(await refusal(ask(token(), { scope: "mcp:resources" }))).toContain("400 invalid_scope");
    expect(await refusal(ask(token(), { resource: "https://other.example" }))).toContain("400 invalid_grant");
  });

  test.each([
    ["of a fork", { repository: "evil/site" }],
    ["of an owner whose name begins alike", { repository: "acme-evil/site" }],
    ["of another branch", { ref: "refs/heads/dev" }],
    ["of a tag with the branch's name", { ref: "refs/tags/refs/heads/main" }],
    ["for another audience", { aud: "https://sts.example" }],
    ["for two audiences", { aud: [issuer, "https://sts.example"] }],
    ["with a list in place of a name", { repository: ["acme/site"] }],
    ["that has expired", { exp: inSeconds(-40) }],
    ["that is valid for a week", { exp: inSeconds(7 * 86_400) }],
    ["without an expiry", { exp: undefined }],
    ["from the future", { iat: inSeconds(600), nbf: inSeconds(600) }],
  ])("T2 a token %s is refused", async (_, claims) => {
    expect(await refusal(ask(token(claims)))).toContain("400 invalid_grant");
  });

  test("T2 a token of the type at+jwt, dpop+jwt or logout+jwt is refused", async () => {
    for (const typ of ["at+jwt", "dpop+jwt", "logout+jwt", "application/at+jwt"])
      expect(await refusal(ask(token({}, { typ }))), typ).toContain("typ of the assertion");
    for (const typ of ["JWT", "jwt", "application/jwt", undefined]) await granted(await ask(token({}, { typ })));
  });

  test("T2 another issuer's token with the same claims, a forged token and a person's ID token are refused", async () => {
    const stranger = await startIssuer();
    expect(await refusal(presentProgram(gatehouse, await programToken(gatehouse, stranger)))).toContain("not trusted");
    const people = await trustIssuer(gatehouse);
    expect(await refusal(presentProgram(gatehouse, await programToken(gatehouse, people)))).toContain("No rule");
    const forged = { ...(await makeKey()), kid: actions.key.kid };
    const claims = { iss: actions.issuer, sub: "x", aud: issuer, repository: "acme/site", ref: "refs/heads/main" };
    const all = { ...claims, iat: inSeconds(0), exp: inSeconds(60) };
    expect(await refusal(ask(actions.sign(all, { typ: "JWT" }, forged)))).toContain("SIGNATURE");
  });

  test("T2 a jti is accepted once, even of many at the same time, and without one the access ends with the token", async () => {
    const once = await token();
    const answers = await Promise.all(Array.from({ length: 10 }, () => presentProgram(gatehouse, once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const pod = await token({ jti: undefined, exp: inSeconds(600) }, { typ: undefined });
    for (let n = 0; n < 2; n++) {
      const { expires_in } = await granted(await presentProgram(gatehouse, pod));
      expect(expires_in).toBeGreaterThan(500);
      expect(expires_in).toBeLessThanOrEqual(630);
    }
  });

  test("T5 the machine can't authenticate in any other way", async () => {
    const fields = { grant_type: "client_credentials", client_id: machine };
    expect(await errorOf(await postForm(`${issuer}/token`, fields))).toBe("401 invalid_client");
    expect(await errorOf(await postForm(`${issuer}/token`, fields, basic(machine, "secret")))).toMatch(/^40[01] inv/);
    const code = { grant_type: "authorization_code", code: "x", code_verifier: "v".repeat(43), client_id: machine };
    expect(await errorOf(await postForm(`${issuer}/token`, code))).toBe("401 invalid_client");
  });

  test("T1 with a proof of a key, it gets a bound token", async () => {
    const fields = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: await token() };
    const answer = await postProven(issuer, await createDpopKey(), fields);
    expect(((await answer.json()) as Record<string, string>)["token_type"]).toBe("DPoP");
  });
});

describe("T7 rules of programs", () => {
  test("T7 if two rules admit a token, the request says which one, by machine or server", async () => {
    const by = await trustIssuer(gatehouse, PROGRAMS);
    const [one, other] = [await addProgram(gatehouse, by), await addProgram(gatehouse, by, { scope: "mcp:resources" })];
    const ask = async (fields: Record<string, string> = {}) =>
      presentProgram(gatehouse, await programToken(gatehouse, by), fields);
    expect(await refusal(ask())).toContain("400 invalid_request Several rules");
    expect((await granted(await ask({ client_id: one }))).scope).toBe("mcp:tools mcp:prompts");
    expect((await granted(await ask({ client_id: other }))).scope).toBe("mcp:resources");
    expect(await refusal(ask({ client_id: machine }))).toContain("No rule");
  });

  test("T7 access ends when the rule is removed, the machine blocked, or the issuer turned off or removed", async () => {
    const ends: ((name: string, clientId: string) => Promise<unknown>)[] = [
      (_, clientId) => removeWorkload(owner, clientId),
      (_, clientId) => setClientStatus(owner, clientId, "block"),
      (_, clientId) => setClientStatus(owner, clientId, "delete"),
      (name) => setIssuerStatus(owner, name, "off"),
      (name) => removeIssuer(owner, name),
    ];
    for (const end of ends) {
      const by = await trustIssuer(gatehouse, PROGRAMS);
      const clientId = await addProgram(gatehouse, by);
      const { access_token } = await granted(await presentProgram(gatehouse, await programToken(gatehouse, by)));
      await end(by.name, clientId);
      expect(await isActive(gatehouse, access_token)).toBe(false);
      expect(await refusal(programToken(gatehouse, by).then((jwt) => presentProgram(gatehouse, jwt)))).toContain(
        "400 invalid_grant",
      );
    }
    // Removing the issuer has removed the rule and its machine.
    expect((await readWorkloads(owner)).map(({ clientId }) => clientId)).toContain(machine);
  });

  test("T7 a rule can't remove a machine of client credentials, and is only for offered scopes", async () => {
    const metadata = { client_name: "Job", grant_types: ["client_credentials"], scope: "mcp:tools" };
    const created = await createClient(owner, metadata, [], resource.uri);
    expect("clientId" in created && (await removeWorkload(owner, created.clientId))).toBe(false);
    const input = { name: "x", issuer: actions.name, resource: resource.uri, audience: issuer, claims: { sub: "x" } };
    const wrong = [
      { scope: "nope" },
      { scope: "" },
      { resource: "https://none.example" },
      { issuer: "none" },
      { claims: {} },
    ];
    for (const change of wrong)
      expect(await addWorkload(owner, { scope: "mcp:tools", ...input, ...change })).toHaveProperty("problem");
  });

  test("T7 keys that the owner supplied are used where none can be fetched, as for a cluster without a public address", async () => {
    const cluster = await startIssuer();
    const pretended = "https://kubernetes.default.svc.cluster.local";
    const choices = { name: "cluster", issuer: pretended, jwks: { keys: [cluster.key.jwk] }, ...PROGRAMS };
    const added = await addIssuer(owner, { ...choices, tenant: null, linksAddresses: false, refreshes: false });
    expect(added).toEqual({ name: "cluster" });
    const sub = "system:serviceaccount:prod:agent";
    await addProgram(gatehouse, { name: "cluster" }, { claims: { sub: "system:serviceaccount:prod:*" } });
    const pod = { iss: pretended, sub, jti: undefined };
    await granted(await presentProgram(gatehouse, await programToken(gatehouse, cluster, pod, { typ: undefined })));
    expect(cluster.asked).toBe(0);
  });
});
