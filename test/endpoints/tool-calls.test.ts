import { describe, expect, test } from "vitest";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { mintToken } from "../../src/lib/token.ts";
import { basic, errorOf, grantTokens, introspect, postJson } from "../support/oauth-client.ts";
import { protectedOptions } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser, client } = await ownScene({
  vars: { LIMITS: "on", LIMIT_TOOL_CALLS: "200" },
});
const { resource, owner, services } = gatehouse;
const { access_token } = await grantTokens(gatehouse, browser, client);
const { jti: token_id } = (await (await introspect(gatehouse, access_token)).json()) as { jti: string };
const own = basic(resource.id, resource.secret);
const post = (body: unknown, headers: Record<string, string> = own) => postJson(`${issuer}/tool-calls`, body, headers);
const call = (changes: object = {}) => ({
  ...{ token_id, tool: "get_weather", outcome: "ok", duration_ms: 12, address: "203.0.113.7" },
  ...changes,
});

async function recorded() {
  const query = { name: "tool_called", email: null, clientId: null, days: null, before: null, limit: 1000 };
  const listed = await readAuditEvents(owner, query);
  if ("problem" in listed) throw new Error(listed.problem);
  return listed.events;
}

describe("POST /tool-calls", () => {
  test("P8 records a call for the person, client, connection and resource of its token", async () => {
    const response = await post({ calls: [call({ arguments: { city: "Oslo", days: 3, warm: false } })] });
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toEqual({ recorded: 1 });
    const [event] = await recorded();
    expect(event).toMatchObject({
      name: "tool_called",
      userId: person.id,
      clientId: client.client_id,
      resourceId: resource.id,
      familyId: expect.any(String),
      address: "203.0.113.7",
      details: {
        ...{ tool: "get_weather", outcome: "ok", duration_ms: 12 },
        arguments: { city: "Oslo", days: 3, warm: false },
      },
    });
  });

  test("P8 accepts Bearer as well as Basic, and an IPv6 address or none", async () => {
    const calls = [call({ address: "2001:db8::1" }), call({ address: null })];
    const response = await post({ calls }, { Authorization: `Bearer ${resource.secret}` });
    expect(await response.json()).toEqual({ recorded: 2 });
  });

  test("K3 records nothing for a token that wasn't introspected by this resource", async () => {
    const before = (await recorded()).length;
    const other = await protectedOptions(gatehouse);
    const { id, secret } = other.credential;
    expect(await (await post({ calls: [call()] }, basic(id, secret))).json()).toEqual({ recorded: 0 });
    expect(await (await post({ calls: [call({ token_id: "0".repeat(32) })] })).json()).toEqual({ recorded: 0 });
    expect((await recorded()).length).toBe(before);
  });

  test("I1 without a credential, or with a wrong one, the answer is 401 with a challenge", async () => {
    const wrong: { Authorization?: string }[] = [
      {},
      basic(resource.id, "wrong"),
      basic(resource.id, await mintToken(owner.keys, "gthv")),
      basic("other", resource.secret),
      basic(client.client_id, ""),
      { Authorization: `Bearer ${access_token}` },
    ];
    for (const headers of wrong) {
      const response = await post({ calls: [call()] }, headers as Record<string, string>);
      const tried = headers.Authorization?.startsWith("Bearer") ? "Bearer" : "Basic";
      expect(response.headers.get("WWW-Authenticate")).toMatch(new RegExp(`^${tried} `));
      expect(await errorOf(response)).toBe(`401 ${tried === "Bearer" ? "invalid_token" : "invalid_client"}`);
    }
  });

  test.each<[string, unknown]>([
    ["no JSON", "{"],
    ["no list of calls", {}],
    ["an empty list", { calls: [] }],
    ["more than 100 calls", { calls: Array.from({ length: 101 }, () => call()) }],
    ["a token instead of its id", { calls: [call({ token_id: access_token })] }],
    ["a token id in capitals", { calls: [call({ token_id: token_id.toUpperCase().replace(/\d/g, "A") })] }],
    ["an unknown outcome", { calls: [call({ outcome: "fine" })] }],
    ["an oversized name", { calls: [call({ tool: "x".repeat(129) })] }],
    ["NUL", { calls: [call({ tool: "a\0b" })] }],
    ["a terminal's control sequence", { calls: [call({ tool: "\u001b[2J" })] }],
    ["a control sequence in an argument", { calls: [call({ arguments: { city: "\u009b2J" } })] }],
    ["a negative duration", { calls: [call({ duration_ms: -1 })] }],
    ["a malformed address", { calls: [call({ address: "<script>" })] }],
    ["an oversized argument", { calls: [call({ arguments: { city: "x".repeat(257) } })] }],
    ["nested arguments", { calls: [call({ arguments: { city: { name: "Oslo" } } })] }],
    ["eleven arguments", { calls: [call({ arguments: Object.fromEntries([..."abcdefghijk"].map((n) => [n, 1])) })] }],
  ])("T8 a body with %s is 400, and nothing is recorded", async (_, body) => {
    const before = (await recorded()).length;
    expect(await errorOf(await post(body))).toBe("400 invalid_request");
    expect((await recorded()).length).toBe(before);
  });

  test("T8 a body over 64 KiB is 413", async () => {
    expect(await errorOf(await post(`{"calls":[${" ".repeat(65_536)}]}`))).toBe("413 invalid_request");
  });

  test("Outages: an outage of the database is 503", async () => {
    services.neon.inject("refuse");
    expect(await errorOf(await post({ calls: [call()] }))).toBe("503 temporarily_unavailable");
    services.neon.reset();
  });

  test("P6 each request costs one round trip to each store, and garbage none to the database", async () => {
    const count = async (work: () => Promise<unknown>) => {
      services.neon.reset();
      services.upstash.reset();
      await work();
      return [services.neon.requests(), services.upstash.requests()];
    };
    expect(await count(() => post({ calls: [call(), call()] }))).toEqual([1, 1]);
    expect(await count(() => post({ calls: [call()] }, basic(resource.id, "junk")))).toEqual([0, 0]);
  });

  test("P1 each call counts, and each resource has a limit of its own", async () => {
    const other = await protectedOptions(gatehouse);
    const { id, secret } = other.credential;
    const hundred = { calls: Array.from({ length: 100 }, () => call()) };
    const first = await post(hundred, basic(id, secret));
    const second = await post(hundred, basic(id, secret));
    expect([first.status, second.status]).toEqual([200, 200]);
    const third = await post({ calls: [call()] }, basic(id, secret));
    expect(Number(third.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await errorOf(third)).toBe("429 temporarily_unavailable");
    expect((await post({ calls: [call()] })).status).toBe(200);
  });

  test("P8 the record is bounded, and contains no token", async () => {
    const text = JSON.stringify(await recorded());
    expect(text).not.toContain(access_token);
    expect(text.match(/gth[a-z]_/g)).toBeNull();
  });
});
