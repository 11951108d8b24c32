import { afterEach, describe, expect, test, vi } from "vitest";
import type { ResourceServerOptions } from "../../src/resource-server/options.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { countLookUps, moveClock } from "../support/look-ups.ts";
import { grantTokens } from "../support/oauth-client.ts";
import { ADAPTERS, bearer, protectedOptions, startAdapter } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();
const { neon } = gatehouse.services;
const options = await protectedOptions(gatehouse);
const grant = () => grantTokens(gatehouse, browser, client, { resource: options.resource });
const { withOptions, lookUps } = countLookUps(gatehouse, options);

afterEach(() => {
  vi.useRealTimers();
  neon.reset();
});

describe("many requests at once", () => {
  test("K3 1,000 requests with one token cost one introspection", async () => {
    const status = withOptions({});
    const { access_token } = await grant();
    const statuses: number[] = [];
    const work = async () => {
      statuses.push(...(await Promise.all(Array.from({ length: 1000 }, () => status(access_token)))));
    };
    expect(await lookUps(work)).toBe(1);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("K3 a request never relies on a look-up that began more than a second before it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const status = withOptions({});
    const { access_token } = await grant();
    neon.reset();
    neon.setLatency(300);
    const first = status(access_token);
    await vi.waitUntil(() => neon.requests() === 1);
    moveClock(1.001);
    await Promise.all([first, status(access_token)]);
    expect(neon.requests()).toBe(2);
  });

  test("K3 different tokens never share a look-up", async () => {
    const status = withOptions({});
    const tokens = [(await grant()).access_token, (await grant()).access_token];
    expect(await lookUps(() => Promise.all(tokens.map(status)))).toBe(2);
  });
});

describe("outages of Gatehouse", () => {
  const unavailable = async (changes: Partial<ResourceServerOptions>, adapter: (typeof ADAPTERS)[number] = "fetch") => {
    const { send, stop } = await startAdapter(adapter, { ...options, timeoutMs: 300, ...changes });
    const response = await send("/mcp", { headers: bearer((await grant()).access_token) });
    await stop();
    return response;
  };

  test.each(ADAPTERS)(
    "K3 if Gatehouse is down, the answer is 503 with Retry-After and no challenge: %s",
    async (adapter) => {
      // The credential is good, so only the outage can be the reason.
      const response = await unavailable({ issuer: "http://127.0.0.1:9" }, adapter);
      expect(response.status).toBe(503);
      expect(response.headers.get("Retry-After")).toBe("2");
      expect(response.headers.get("WWW-Authenticate")).toBeNull();
      expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
    },
  );

  test("K3 if Gatehouse hangs, the answer is 503 after two deadlines", async () => {
    const token = (await grant()).access_token;
    const status = withOptions({ timeoutMs: 200 });
    neon.inject("hang");
    const started = Date.now();
    expect(await status(token)).toBe(503);
    expect(Date.now() - started).toBeLessThan(1500);
    neon.reset();
    expect(await status(token)).toBe(200);
  });

  test("K3 if Gatehouse fails once, the second attempt succeeds", async () => {
    const token = (await grant()).access_token;
    neon.inject("refuse", { times: 1 });
    expect(await withOptions({})(token)).toBe(200);
  });

  test("K3 a wrong credential of the MCP server is also 503, is logged without its secret, and is tried once", async () => {
    const token = (await grant()).access_token;
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const secret = `${options.credential.secret.slice(0, -1)}!`;
    expect(await withOptions({ credential: { ...options.credential, secret } })(token)).toBe(503);
    expect(logged.mock.calls).toEqual([["gatehouse: /introspect: the resource's credential was refused"]]);
    logged.mockRestore();
  });

  test("K3 a cached answer is used during an outage until it ends", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const status = withOptions({ cacheSeconds: 30, timeoutMs: 500 });
    const token = (await grant()).access_token;
    expect(await status(token)).toBe(200);
    neon.inject("refuse");
    expect(await status(token)).toBe(200);
    moveClock(30);
    expect(await status(token)).toBe(503);
  });
});

test("P4 all wrong options are named at once, without any secret", () => {
  const bad = { resource: "nonsense", issuer: "https://auth.example/", credential: { id: "", secret: "gthv_x" } };
  expect(() => resourceServer({ ...bad, origins: ["https://a.example/"], timeoutMs: 0 })).toThrow(
    /^gatehouse: the resource server can't start\. resource .* issuer .* credential\.id .* timeoutMs .* origins /,
  );
  expect(() => resourceServer(bad)).not.toThrow("gthv_x");
});
