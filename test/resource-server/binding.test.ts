import { afterEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { mintToken } from "../../src/lib/token.ts";
import { addIssuesServer, grantLinked } from "../support/linked.ts";
import { grantTokens, introspect, postJson, revoke } from "../support/oauth-client.ts";
import { bearer, protectedOptions } from "../support/protected-server.ts";
import { addGitHub } from "../support/providers.ts";
import { ownScene } from "../support/scene.ts";

const port = await findFreePort();
const configPath = projectFile("test/support/binding-probe/wrangler.toml");
const probe = { name: "binding-probe", configPath, port, bindings: {} };
const { gatehouse, browser, client } = await ownScene({ example: true, beside: [probe] });
const { neon } = gatehouse.services;
const { id, secret, uri } = gatehouse.resource;
const grant = () => grantTokens(gatehouse, browser, client);

type Outcome = { readonly returned?: { readonly ok: boolean; readonly answer?: unknown; readonly error?: string } };
const call = async (method: string, input: unknown) =>
  (await (await postJson(`http://127.0.0.1:${port}/`, { method, input })).json()) as Outcome;
const refusal = (error: string) => ({ returned: { ok: false, error } });

afterEach(() => neon.reset());

describe("the service binding", () => {
  test("I1 answers for a token as HTTP does", async () => {
    const { access_token: token } = await grant();
    const overHttp = await (await introspect(gatehouse, token)).json();
    expect(await call("introspect", { id, secret, token })).toEqual({ returned: { ok: true, answer: overHttp } });
    const other = await protectedOptions(gatehouse);
    const inactive = { returned: { ok: true, answer: { active: false } } };
    expect(await call("introspect", { ...other.credential, token })).toEqual(inactive);
    expect(await call("introspect", { id, secret, token: "junk" })).toEqual(inactive);
  });

  test("L5 gives an account's token as HTTP does, or the address where an account is linked", async () => {
    const github = await addGitHub(gatehouse);
    const issues = await addIssuesServer(gatehouse, "github");
    const person = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const { tokens } = await grantLinked(gatehouse, person, issues, { login: "bound" });
    const ask = { id: issues.id, secret: issues.secret, token: tokens.access_token, provider: "github", scope: "" };
    const given = await call("accountToken", ask);
    const answer = given.returned?.answer as { access_token: string } | undefined;
    expect(github.isLive(answer?.access_token ?? "")).toBe(true);
    expect(await call("accountToken", { ...ask, scope: "repo" })).toEqual(refusal("invalid_scope"));
    expect(await call("accountToken", { ...ask, secret })).toEqual(refusal("invalid_client"));
    expect(await call("accountToken", { ...ask, provider: 1 })).toEqual(refusal("invalid_request"));
    const more = await grantTokens(gatehouse, person, client, { resource: issues.uri, scope: "time:read" });
    expect(await call("accountToken", { ...ask, token: more.access_token })).toEqual(refusal("invalid_target"));
    const linked = await person.open(`${gatehouse.issuer}/account/linked`);
    const unlink = linked.html.querySelector("form[action$=unlink]")?.getAttribute("action") ?? "";
    await person.submit(linked, new URL(unlink).pathname, {});
    expect(await call("accountToken", ask)).toEqual({
      returned: { ok: false, error: "interaction_required", connectUri: expect.stringContaining("/connect/gthk_") },
    });
  });

  test("I1 needs a credential, even from a Worker in the same Cloudflare account", async () => {
    const { access_token: token } = await grant();
    const other = await protectedOptions(gatehouse);
    for (const credential of [
      { id, secret: "" },
      { id, secret: "junk" },
      { id, secret: await mintToken(gatehouse.owner.keys, "gthv") },
      { id: "", secret },
      // Its key is unknown, so the database is asked.
      { id: "\0", secret: `gthv_${"a".repeat(43)}-bbbbbb` },
      { id: "\ud800", secret: `gthv_${"a".repeat(43)}-bbbbbb` },
      { id: other.credential.id, secret },
      { id, secret: token },
    ]) {
      expect(await call("introspect", { ...credential, token })).toEqual(refusal("invalid_client"));
      const calls = [{ tool: "x", token_id: "0".repeat(32), outcome: "ok", duration_ms: 1, address: null }];
      expect(await call("recordToolCalls", { ...credential, calls })).toEqual(refusal("invalid_client"));
    }
  });

  test.each([
    null,
    "x",
    {},
    { id, secret },
    { id, secret, token: 1 },
    { id, secret, token: "\0" },
    { id, secret, token: "x".repeat(9000) },
    { id: [], secret: {}, token: "x" },
  ])("T8 refuses %j, and throws no exception", async (input) => {
    expect(await call("introspect", input)).toEqual(refusal("invalid_request"));
    expect(await call("recordToolCalls", input)).toEqual(refusal("invalid_request"));
  });

  test("Outages: reports an outage as temporary, and says nothing more", async () => {
    const { access_token: token } = await grant();
    neon.inject("refuse");
    expect(await call("introspect", { id, secret, token })).toEqual(refusal("temporarily_unavailable"));
  });

  test("P6 makes no round trip for a garbage credential, and one for a good token", async () => {
    const { access_token: token } = await grant();
    neon.reset();
    await call("introspect", { id, secret: "junk", token });
    expect(neon.requests()).toBe(0);
    await call("introspect", { id, secret, token });
    expect(neon.requests()).toBe(1);
  });
});

describe("a Worker that Gatehouse protects by a service binding", () => {
  const status = async (token: string, init: RequestInit = {}) => {
    const response = await fetch(uri, { headers: bearer(token), ...init });
    await response.text();
    return response.status;
  };
  const PASSED = 405;

  test("K3 each request is one look-up, and notices a revocation at once", async () => {
    const { access_token } = await grant();
    neon.reset();
    expect(await status(access_token)).toBe(PASSED);
    expect(neon.requests()).toBe(1);
    await revoke(gatehouse, client, access_token);
    expect(await status(access_token)).toBe(401);
  });

  test("K3 requests at the same time share a look-up, although workerd keeps them apart", async () => {
    const { access_token } = await grant();
    neon.reset();
    neon.setLatency(500);
    const statuses = await Promise.all(Array.from({ length: 100 }, () => status(access_token)));
    expect(new Set(statuses)).toEqual(new Set([PASSED]));
    expect(neon.requests()).toBe(1);
  });

  test("K3 a caller that leaves doesn't keep those waiting who share its look-up", async () => {
    const { access_token } = await grant();
    neon.reset();
    neon.setLatency(400);
    const leaving = new AbortController();
    const left = status(access_token, { signal: leaving.signal }).catch(() => "left");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const others = Array.from({ length: 5 }, () => status(access_token));
    leaving.abort();
    expect(await left).toBe("left");
    expect(new Set(await Promise.all(others))).toEqual(new Set([PASSED]));
  });

  test("K3 an outage of Gatehouse's database is 503", async () => {
    const { access_token } = await grant();
    neon.inject("refuse");
    expect(await status(access_token)).toBe(503);
  });
});
