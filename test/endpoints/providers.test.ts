import { describe, expect, test } from "vitest";
import type { StandInAnswer } from "../../src/dev/providers/stand-in.ts";
import { checkProvider } from "../../src/flows/admin/check-provider.ts";
import { addProvider, type ProviderInput } from "../../src/flows/admin/new-provider.ts";
import { readProviders, removeProvider } from "../../src/flows/admin/providers.ts";
import { findProvider } from "../../src/store/providers.ts";
import { jsonAnswer } from "../support/broken-answers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, exchange, grantLinked } from "../support/linked.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { owner, issuer, resource } = gatehouse;
const github = await addGitHub(gatehouse);
const openid = await addOpenid(gatehouse, { signsIn: true, resources: [resource.uri] });

const problemOf = async (input: Partial<ProviderInput>) => {
  const added = await addProvider(owner, issuer, {
    ...{ slug: "another", preset: null, name: null, host: null, tenant: null, issuer: null, description: {} },
    ...{ clientId: "x", clientSecret: "y", scopes: [], signsIn: false, joining: [], resources: [], ...input },
  });
  return "problem" in added ? added.problem : null;
};

describe("L3 providers", () => {
  test("L3 discovery and presets supply the rest, and the client secret is stored sealed", async () => {
    const [one, other] = [await findProvider(owner.db, "github"), await findProvider(owner.db, "openid")];
    expect(one).toMatchObject({ kind: "oauth2", description: { userEndpoint: `${github.url}/api/v3/user` } });
    expect(other).toMatchObject({
      kind: "openid",
      issuer: openid.url,
      description: { tokenEndpoint: `${openid.url}/token`, sendsIssuer: true, revocation: "rfc7009" },
    });
    expect(JSON.stringify([one, other])).not.toContain(github.clientSecret);
    expect(JSON.stringify([one, other])).not.toContain(openid.clientSecret);
    expect(await readProviders(owner, issuer)).toMatchObject([
      { slug: "github", redirectUri: `${issuer}/callback/github`, resources: [] },
      { slug: "openid", redirectUri: `${issuer}/callback/openid`, resources: [resource.uri], signsIn: true },
    ]);
  });

  test.each<[string, Partial<ProviderInput>, RegExp]>([
    ["a name that can't be in an address", { slug: "Git Hub" }, /lower-case/],
    ["a name that already exists", { slug: "github", preset: "slack" }, /already/],
    ["an unknown preset", { preset: "gitea" }, /no preset/],
    ["no endpoints", {}, /authorization endpoint/],
    ["a missing tenant", { preset: "microsoft" }, /tenant/],
    ["an issuer that isn't a URL", { issuer: "hello" }, /hello/],
    ["an issuer on a private network", { issuer: "https://10.0.0.1" }, /IP address/],
    ["a tenant that leads elsewhere", { preset: "microsoft", tenant: "x/../y" }, /tenant/],
    ["an issuer without metadata", { issuer: github.url }, /could not be discovered/],
    [
      "an issuer whose metadata names another",
      { issuer: openid.url.replace("localhost", "127.0.0.1") },
      /could not be discovered/,
    ],
    ["a malformed rule", { preset: "slack", joining: ["everybody"] }, /a rule/],
    [
      "a scope without a sentence",
      { preset: "slack", scopes: [{ name: "a", description: " ", broad: false }] },
      /sentence/,
    ],
    ["a host on a private network", { preset: "github", host: "https://10.0.0.1" }, /IP address/],
    ["a host without TLS", { preset: "github", host: "http://ghe.example.com" }, /https/],
    ["a secret with a line break", { preset: "slack", clientSecret: "a\nb" }, /client secret/],
  ])("L3 %s is named as the problem", async (_, input, problem) => {
    expect(await problemOf(input)).toMatch(problem);
  });

  test("L3 a check lists what is right, and what is wrong while the provider is down", async () => {
    const check = async () => {
      const checks = await checkProvider(owner, issuer, "openid");
      return "problem" in checks ? checks.problem : checks.filter(({ problem }) => problem !== null).length;
    };
    expect(await check()).toBe(0);
    openid.controls.fault = () => ({ status: 500, body: "broken" });
    expect(await check()).toBe(2);
    openid.controls.fault = null;
    expect(await check()).toBe(0);
    const unknown = await checkProvider({ ...owner, vault: { ...owner.vault, unwrap: Promise.reject } }, issuer, "x");
    expect(unknown).toEqual({ problem: "There is no provider x." });
  });

  test.each<readonly [string, StandInAnswer | "never"]>([
    ["10 MB", jsonAnswer({ keys: [{ kty: "RSA" }], filler: "x".repeat(10_000_000) })],
    ["nothing at all", "never"],
    ["500", { ...jsonAnswer({ keys: [{ kty: "RSA" }] }), status: 500 }],
    ["a redirect", { status: 307, body: "", headers: { Location: "/elsewhere" } }],
    ["no keys", jsonAnswer({ keys: [] })],
  ])("L3 a check says that the keys are unusable if their address answers with %s", async (_, answer) => {
    const keys = jsonAnswer({ keys: [{ kty: "RSA" }] });
    openid.controls.fault = (path) => (path === "/jwks" ? answer : path === "/elsewhere" ? keys : null);
    const checks = await checkProvider(owner, issuer, "openid");
    openid.controls.fault = null;
    expect(checks).toContainEqual({ what: "Its keys", problem: expect.any(String) });
    expect(openid.controls.asked("/elsewhere")).toBe(0);
  });

  test("L3 the discovery of a remote provider can't name addresses on the owner's own machine", async () => {
    const elsewhere = "https://idp.example";
    const fetch: typeof globalThis.fetch = async (to) => {
      expect(new URL(String(to)).origin).toBe(elsewhere);
      const endpoints = { authorization_endpoint: `${elsewhere}/authorize`, token_endpoint: `${elsewhere}/token` };
      return Response.json({ issuer: elsewhere, ...endpoints, jwks_uri: `${openid.url}/jwks` });
    };
    const input = { slug: "elsewhere", preset: null, name: null, host: null, tenant: null, issuer: elsewhere };
    const added = await addProvider({ ...owner, fetch }, issuer, {
      ...{ ...input, description: {}, clientId: "x", clientSecret: "y", scopes: [], signsIn: true },
      ...{ joining: [], resources: [] },
    });
    expect(added).toEqual({ problem: expect.stringContaining(`${openid.url}/jwks is not https`) });
  });

  test("L3 a check never fetches a forbidden address that discovery names", async () => {
    const inside = { issuer: openid.url, token_endpoint: `${openid.url}/token`, jwks_uri: "https://10.0.0.1/keys" };
    const body = JSON.stringify({ ...inside, authorization_endpoint: "https://10.0.0.1/authorize" });
    openid.controls.fault = () => ({ status: 200, body, headers: { "Content-Type": "application/json" } });
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (to, init) => {
      asked.push(String(to));
      return owner.fetch(to, init);
    };
    const checks = await checkProvider({ ...owner, fetch }, issuer, "openid");
    openid.controls.fault = null;
    expect(checks).toContainEqual({ what: "Its endpoints", problem: expect.stringContaining("https://10.0.0.1/") });
    expect(asked).toEqual([`${openid.url}/.well-known/openid-configuration`]);
  });

  test("L3 removing a provider deletes everything of it, and tells it to end the accounts' tokens", async () => {
    const issues = await addIssuesServer(gatehouse, "github");
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const { tokens } = await grantLinked(gatehouse, browser, issues, { login: "octocat" });
    const { access_token } = await answerOf(await exchange(gatehouse, issues, tokens.access_token, "github"));
    expect(github.isLive(access_token)).toBe(true);
    const removed = await removeProvider(owner, "github", 10);
    expect([removed?.accounts, await removed?.ended]).toEqual([1, 1]);
    expect(github.isLive(access_token)).toBe(false);
    expect(await removeProvider(owner, "github", 10)).toBeNull();
    const gone = await exchange(gatehouse, issues, tokens.access_token, "github");
    expect((await answerOf(gone)).error).toBe("invalid_target");
  });
});
