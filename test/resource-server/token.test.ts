import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import type { Auth } from "../../src/resource-server/auth.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { countLookUps, moveClock } from "../support/look-ups.ts";
import { basic, createMachine, grantTokens, postForm, postJson, revoke } from "../support/oauth-client.ts";
import { ADAPTERS, bearer, protectedOptions, startAdapter } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, person, browser, client } = await ownScene();
const { neon } = gatehouse.services;
const options = await protectedOptions(gatehouse);
const grant = () => grantTokens(gatehouse, browser, client, { resource: options.resource });
const { withOptions, lookUps } = countLookUps(gatehouse, options);

afterEach(() => {
  vi.useRealTimers();
  neon.reset();
});

describe("what a handler learns of the caller", () => {
  test("K3 a handler learns everything about the caller except the token", async () => {
    const { access_token } = await grant();
    const server = resourceServer({ ...options, address: () => "203.0.113.7" });
    const auth = await server.authenticate(new Request(options.resource, { headers: bearer(access_token) }));
    expect(auth).toEqual({
      accountToken: expect.any(Function),
      subject: person.id,
      username: person.email,
      clientId: client.client_id,
      scopes: ["mcp:tools", "mcp:resources", "mcp:prompts"],
      expiresAt: expect.any(Number),
      tokenId: expect.stringMatching(/^[\da-f]{32}$/),
      address: "203.0.113.7",
      token: (auth as { tokenId: string }).tokenId,
      resource: new URL(options.resource),
      resourceMetadataUrl: options.resource.replace("/mcp", "/.well-known/oauth-protected-resource/mcp"),
    });
    expect(JSON.stringify(auth)).not.toContain(access_token);
  });

  test("K3 a machine differs from a person: it is its own subject, and has no email address", async () => {
    const machine = await createMachine(gatehouse, {}, options.resource);
    const fields = { grant_type: "client_credentials" };
    const credential = basic(machine.id, machine.secret);
    const granted = await postForm(`${gatehouse.issuer}/token`, fields, credential);
    const { access_token } = (await granted.json()) as { access_token: string };
    const server = resourceServer(options);
    const auth = await server.authenticate(new Request(options.resource, { headers: bearer(access_token) }));
    expect(auth).toMatchObject({ subject: machine.id, clientId: machine.id, username: null });
    const { tokenId } = auth as { tokenId: string };
    const calls = [{ tool: "x", token_id: tokenId, outcome: "ok", duration_ms: 1, address: null }];
    const { id, secret } = options.credential;
    const recorded = await postJson(`${gatehouse.issuer}/tool-calls`, { calls }, basic(id, secret));
    expect(await recorded.json()).toEqual({ recorded: 1 });
  });

  test("K3 a token for another resource is 401", async () => {
    const { access_token } = await grantTokens(gatehouse, browser, client);
    expect(await withOptions({})(access_token)).toBe(401);
  });

  test("K3 an answer that names another audience is refused, even from Gatehouse itself", async () => {
    expect(await withOptions({ resource: "https://elsewhere.example/mcp" })((await grant()).access_token)).toBe(401);
  });

  test("K3 an answer that Gatehouse would never give is an outage, so that the client keeps its token", async () => {
    const issuer = gatehouse.issuer.replace("localhost", "127.0.0.1");
    expect(await withOptions({ issuer })((await grant()).access_token)).toBe(503);
    for (const answer of [{}, { error: "boom" }, { active: "true" }, { active: true }]) {
      const other = createServer((_, response) =>
        response.setHeader("Content-Type", "application/json").end(JSON.stringify(answer)),
      );
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      const { port } = other.address() as AddressInfo;
      expect(await withOptions({ issuer: `http://127.0.0.1:${port}` })("token")).toBe(503);
      other.close();
    }
  });

  test("K3 a refresh token isn't accepted as an access token", async () => {
    expect(await withOptions({})((await grant()).refresh_token)).toBe(401);
  });
});

describe("how long an answer is used", () => {
  test.each(ADAPTERS)("K3 with cacheSeconds 0 a revocation takes effect at the next request: %s", async (adapter) => {
    const { send, stop } = await startAdapter(adapter, options);
    const { access_token } = await grant();
    const status = async () => (await send("/mcp", { headers: bearer(access_token) })).status;
    expect([await status(), await status()]).toEqual([200, 200]);
    await revoke(gatehouse, client, access_token);
    expect(await status()).toBe(401);
    await stop();
  });

  test("K3 with cacheSeconds 30 a revocation takes effect within 30 seconds, and no look-up is made before", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const status = withOptions({ cacheSeconds: 30 });
    const { access_token } = await grant();
    expect(await status(access_token)).toBe(200);
    await revoke(gatehouse, client, access_token);
    expect(await lookUps(async () => expect(await status(access_token)).toBe(200))).toBe(0);
    moveClock(29);
    expect(await status(access_token)).toBe(200);
    moveClock(1);
    expect(await status(access_token)).toBe(401);
  });

  test("K3 the seconds count from before the look-up, so that a slow answer isn't used longer", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const status = withOptions({ cacheSeconds: 30 });
    const { access_token } = await grant();
    neon.reset();
    neon.setLatency(300);
    const first = status(access_token);
    await vi.waitUntil(() => neon.requests() > 0);
    moveClock(20);
    expect(await first).toBe(200);
    moveClock(10);
    expect(await lookUps(() => status(access_token))).toBe(1);
  });

  test("K3 a cached answer ends with its token", async () => {
    const { access_token } = await grant();
    const request = new Request(options.resource, { headers: bearer(access_token) });
    const { expiresAt } = (await resourceServer(options).authenticate(request)) as Auth;
    vi.useFakeTimers({ toFake: ["Date"] });
    const status = withOptions({ cacheSeconds: 60 });
    vi.setSystemTime(expiresAt * 1000 - 10_000);
    expect(await status(access_token)).toBe(200);
    vi.setSystemTime(expiresAt * 1000 - 1);
    expect(await lookUps(() => status(access_token))).toBe(0);
    vi.setSystemTime(expiresAt * 1000);
    expect(await lookUps(() => status(access_token))).toBe(1);
  });

  test("K3 a disabled person is refused at the next request", async () => {
    const other = await gatehouse.addPerson();
    const theirs = await gatehouse.signedInBrowser(other);
    const { access_token } = await grantTokens(gatehouse, theirs, client, { resource: options.resource });
    const status = withOptions({});
    expect(await status(access_token)).toBe(200);
    await setUserStatus(gatehouse.owner, other.email, "disable");
    expect(await status(access_token)).toBe(401);
  });

  test("K3 cacheSeconds can't be more than 60", () => {
    expect(() => withOptions({ cacheSeconds: 61 })).toThrow("cacheSeconds");
    expect(() => withOptions({ cacheSeconds: -1 })).toThrow("cacheSeconds");
  });

  test("K3 a bad token is remembered for ten seconds, whatever cacheSeconds is", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const status = withOptions({});
    const { access_token } = await grant();
    await revoke(gatehouse, client, access_token);
    expect(await lookUps(async () => expect(await status(access_token)).toBe(401))).toBe(1);
    moveClock(9);
    expect(await lookUps(async () => expect(await status(access_token)).toBe(401))).toBe(0);
    moveClock(1);
    expect(await lookUps(() => status(access_token))).toBe(1);
  });

  test("K3 a flood of bad tokens displaces no good answer, and never grows past the bound", async () => {
    const status = withOptions({ cacheSeconds: 60 });
    const { access_token } = await grant();
    const revoked = await grant();
    await revoke(gatehouse, client, revoked.access_token);
    expect([await status(access_token), await status(revoked.access_token)]).toEqual([200, 401]);
    for (let n = 0; n < 1000; n += 50)
      await Promise.all(Array.from({ length: 50 }, (_, m) => status(`gtha_junk${n + m}`)));
    expect(await lookUps(async () => expect(await status(access_token)).toBe(200))).toBe(0);
    expect(await lookUps(async () => expect(await status(revoked.access_token)).toBe(401))).toBe(1);
  });
});
