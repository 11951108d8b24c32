import { randomInt } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { postForm, postJson } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ vars: { LIMITS: "on" } });
const { issuer } = gatehouse;
beforeEach(() => gatehouse.startMinute());

/** An address that no other test uses. */
const newAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
const from = (address: string) => ({ "CF-Connecting-IP": address });

/** How many of these requests pass. */
async function countAllowed(
  times: number,
  send: () => Promise<Response>,
): Promise<{ allowed: number; refused: Response[] }> {
  const responses = [];
  for (let n = 0; n < times; n++) responses.push(await send());
  const refused = responses.filter(({ status }) => status === 429);
  return { allowed: times - refused.length, refused };
}

const token = (address: string, client = "client_x") =>
  postForm(`${issuer}/token`, { grant_type: "refresh_token", client_id: client, refresh_token: "x" }, from(address));

describe("P1 rate limits", () => {
  test("P1 an address may register 5 times a minute, and then gets a 429 in JSON that makes no client discard its tokens", async () => {
    const address = newAddress();
    const { allowed, refused } = await countAllowed(7, () => postJson(`${issuer}/register`, {}, from(address)));
    expect(allowed).toBe(5);
    const response = refused[0] as Response;
    const seconds = Number(response.headers.get("Retry-After"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(response.headers.get("RateLimit-Policy")).toBe('"register";q=5;w=60');
    expect(response.headers.get("RateLimit")).toBe(`"register";r=0;t=${seconds}`);
    expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
    expect((await postJson(`${issuer}/register`, {}, from(newAddress()))).status).toBe(400);
  });

  test("P1 registrations are counted by their redirect host, since hosted clients share addresses, and also by address", async () => {
    const wide = await startGatehouse({ vars: { LIMITS: "on", LIMIT_REGISTER_ADDRESS: "8", LIMIT_REGISTER_DAY: "9" } });
    // At noon, so that the day doesn't end in between.
    const noon = 86_400 + 43_200 - (Math.floor(Date.now() / 1000) % 86_400);
    await wide.moveClock(noon);
    const address = newAddress();
    const register = (host: string) =>
      postJson(`${wide.issuer}/register`, { redirect_uris: [`https://${host}/cb`] }, from(address));
    expect((await countAllowed(7, () => register("one.example"))).allowed).toBe(5);
    const second = await countAllowed(5, () => register("two.example"));
    expect(second.allowed).toBe(3);
    expect(second.refused[0]?.headers.get("RateLimit-Policy")).toBe('"registerAddress";q=8;w=60');
    await wide.moveClock(noon + 200);
    const next = await countAllowed(2, () => register("three.example"));
    expect(next.allowed).toBe(1);
    expect(next.refused[0]?.headers.get("RateLimit-Policy")).toBe('"registerDay";q=9;w=86400');
  });

  test("P1 authorization requests are counted by client, and also by address", async () => {
    const wide = await startGatehouse({ vars: { LIMITS: "on", LIMIT_OTHER_ADDRESS: "70" } });
    await wide.startMinute();
    const address = newAddress();
    const ask = (id: string) => fetch(`${wide.issuer}/authorize?client_id=${id}`, { headers: from(address) });
    expect((await countAllowed(61, () => ask("client_a"))).allowed).toBe(60);
    expect((await countAllowed(12, () => ask("client_b"))).allowed).toBe(10);
    expect((await fetch(`${wide.issuer}/login`, { headers: from(address) })).status).toBe(200);
  });

  test("P1 requests over the limit are refused from memory, so that a flood reaches neither Redis nor the database", async () => {
    const address = newAddress();
    await countAllowed(30, () => token(address, "client_flood"));
    gatehouse.services.neon.reset();
    gatehouse.services.upstash.reset();
    expect((await countAllowed(20, () => token(address, "client_flood"))).allowed).toBe(0);
    expect([gatehouse.services.neon.requests(), gatehouse.services.upstash.requests()]).toEqual([0, 0]);
  });

  test("P1 a client at an address may call the token endpoint 30 times a minute", async () => {
    const address = newAddress();
    expect((await countAllowed(33, () => token(address))).allowed).toBe(30);
    expect((await token(address, "client_y")).status).toBe(401);
    expect((await token(newAddress())).status).toBe(401);
  });

  test("P1 an address may call the token endpoint 300 times a minute, with whatever clients", async () => {
    const address = newAddress();
    let client = 0;
    const responses: Response[] = [];
    // In portions, since a Redis that answers late lets requests through.
    for (let portion = 0; portion < 10; portion++) {
      const sent = Array.from({ length: 31 }, () => token(address, `client_${client++}`));
      responses.push(...(await Promise.all(sent)));
    }
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(10);
  });

  test("P1 a client is counted in the same way however it authenticates", async () => {
    const address = newAddress();
    const basic = { Authorization: `Basic ${btoa("client_b:x")}`, ...from(address) };
    const send = () => postForm(`${issuer}/token`, { grant_type: "refresh_token" }, basic);
    expect((await countAllowed(31, send)).allowed).toBe(30);
    expect((await token(address, "client_b")).status).toBe(429);
  });

  test("P1 an address may open 60 pages a minute, and then gets a page with 429", async () => {
    const address = newAddress();
    const { allowed, refused } = await countAllowed(62, () => fetch(`${issuer}/authorize`, { headers: from(address) }));
    expect(allowed).toBe(60);
    expect(refused[0]?.headers.get("Content-Type")).toMatch(/^text\/html/);
    expect(refused[0]?.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect((await fetch(`${issuer}/login`, { headers: from(address) })).status).toBe(429);
  });

  test("P1 revocations are counted together with calls of the token endpoint", async () => {
    const address = newAddress();
    const revoke = (client_id: string) => postForm(`${issuer}/revoke`, { token: "x", client_id }, from(address));
    expect((await countAllowed(33, () => revoke("client_r"))).allowed).toBe(30);
    expect((await token(address, "client_r")).status).toBe(429);
    expect((await revoke("client_s")).status).toBe(200);
  });

  test("P1 metadata, introspection and the stylesheet have no limit", async () => {
    const address = newAddress();
    for (const path of ["/.well-known/oauth-authorization-server", "/style.css"]) {
      expect((await countAllowed(80, () => fetch(issuer + path, { headers: from(address) }))).allowed).toBe(80);
    }
    expect((await countAllowed(80, () => postForm(`${issuer}/introspect`, {}, from(address)))).allowed).toBe(80);
  });

  test("P1 IPv6 addresses are counted by their /64", async () => {
    const network = `2001:db8:${randomInt(65536).toString(16)}:${randomInt(65536).toString(16)}`;
    let host = 0;
    const send = () => postJson(`${issuer}/register`, {}, from(`${network}::${(++host).toString(16)}`));
    expect((await countAllowed(7, send)).allowed).toBe(5);
  });

  test("P1 a limit ends when its time is over", async () => {
    const address = newAddress();
    await countAllowed(6, () => postJson(`${issuer}/register`, {}, from(address)));
    await gatehouse.moveClock(121);
    expect((await postJson(`${issuer}/register`, {}, from(address))).status).toBe(400);
    await gatehouse.moveClock(0);
  });

  test("P1 the limits can be configured", async () => {
    const generous = await startGatehouse({ vars: { LIMITS: "on", LIMIT_REGISTER: "8" } });
    await generous.startMinute();
    const address = newAddress();
    const send = () => postJson(`${generous.issuer}/register`, {}, from(address));
    expect((await countAllowed(10, send)).allowed).toBe(8);
  });
});
