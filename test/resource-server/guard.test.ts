import { request as httpRequest } from "node:http";
import { afterAll, describe, expect, test } from "vitest";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { grantTokens } from "../support/oauth-client.ts";
import { ADAPTERS, bearer, protectedOptions, startAdapter } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();
const options = { ...(await protectedOptions(gatehouse)), origins: ["https://app.example"] };
const { access_token } = await grantTokens(gatehouse, browser, client, { resource: options.resource });
const MIB = 1024 * 1024;
const own = new URL(options.resource).origin;

const APP_ORIGINS = ["chrome-extension://abcdefghijklmnopabcdefghijklmnop", "tauri://localhost", "app://-"];

describe.each(ADAPTERS)("%s", (adapter) => {
  const started = startAdapter(adapter, { ...options, origins: [...options.origins, ...APP_ORIGINS] });
  afterAll(async () => (await started).stop());
  const post = async (init: RequestInit & { duplex?: "half" }) =>
    (await started).send("/mcp", { method: "POST", ...init, headers: { ...bearer(access_token), ...init.headers } });

  test("every answer carries security headers, including refusals and metadata", async () => {
    for (const init of [
      {},
      { headers: { Authorization: "Bearer junk" } },
      { headers: { Origin: "https://evil.example" } },
    ]) {
      const { headers } = await post(init);
      expect(headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Referrer-Policy")).toBe("no-referrer");
      expect(headers.get("Strict-Transport-Security")).toBe("max-age=63072000");
    }
  });

  test.each(["https://app.example", own, ...APP_ORIGINS])(
    "K4 a page of the allowed origin %s may call and read",
    async (Origin) => {
      const answer = await post({ headers: { Origin } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(Origin);
      expect(answer.headers.get("Vary")).toContain("Origin");
      const refused = await post({ headers: { Origin, Authorization: "Bearer junk" } });
      expect(refused.status).toBe(401);
      expect(refused.headers.get("Access-Control-Allow-Origin")).toBe(Origin);
      expect(refused.headers.get("Access-Control-Expose-Headers")).toContain("WWW-Authenticate");
    },
  );

  test.each([
    "https://evil.example",
    "https://app.example.evil.example",
    "http://app.example",
    "null",
    "http://localhost",
    "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
    "tauri://localhost:1",
    "tauri://",
    "app://-/",
  ])("K4 a page of %s, which is no allowed origin, is refused even with a good token", async (Origin) => {
    const answer = await post({ headers: { Origin } });
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([403, null]);
  });

  test("K4 a preflight of an allowed origin is answered without a token, and one of another origin is refused", async () => {
    const { send } = await started;
    const preflight = (Origin: string) =>
      send("/mcp", {
        method: "OPTIONS",
        headers: {
          Origin,
          "Access-Control-Request-Method": "POST",
          "Access-Control-Request-Headers": "Authorization, content-type, mcp-protocol-version, x-evil",
        },
      });
    const allowed = await preflight("https://app.example");
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
    expect(allowed.headers.get("Access-Control-Allow-Headers")).toBe(
      "authorization, content-type, mcp-protocol-version",
    );
    expect(allowed.headers.get("Access-Control-Allow-Methods")).toBe("GET, POST, DELETE");
    const refused = await preflight("https://evil.example");
    expect([refused.status, refused.headers.get("Access-Control-Allow-Origin")]).toEqual([403, null]);
  });

  test("K4 a body of more than 1 MiB is 413, and one of exactly 1 MiB passes", async () => {
    const large = await post({ body: "x".repeat(MIB + 1), headers: { "Content-Length": String(MIB + 1) } });
    expect([large.status, await large.json()]).toEqual([413, expect.objectContaining({ error: "invalid_request" })]);
    expect((await post({ body: "x".repeat(MIB), headers: { "Content-Length": String(MIB) } })).status).toBe(200);
  });

  test("K4 a body without a declared length has the same bound", async () => {
    const stream = (bytes: number) => new Blob(["x".repeat(bytes)]).stream() as unknown as BodyInit;
    const large = await post({ body: stream(MIB + 1), duplex: "half" });
    expect(large.status).toBe(413);
    expect((await post({ body: stream(1000), duplex: "half" })).status).toBe(200);
  });
});

test.each([
  ...["null", "*", "https://app.example/", "HTTPS://app.example", "https://u@app.example", "https:app.example"],
  ...["tauri://", "tauri://localhost/", "tauri:localhost", "file://x", "app://a b", "app://a?b", "ws://a.example"],
])("K4 a server doesn't start with %s among its origins, since no browser sends that", (origin) => {
  expect(() => resourceServer({ ...options, origins: [origin] })).toThrow("origins");
});

test("K4 pages of every port of the same machine may call a server on a developer's machine", async () => {
  const { send } = await startAdapter("fetch", { ...options, resource: "http://localhost:8788/mcp" });
  for (const [Origin, expected] of [
    ["http://localhost:6274", 401],
    ["http://127.0.0.1:3000", 401],
    ["https://evil.example", 403],
    ["http://localhost.evil.example", 403],
  ] as const) {
    expect((await send("/mcp", { headers: { Origin } })).status).toBe(expected);
  }
});

test("T8 Express answers a request that the constructor Request would throw on", async () => {
  const port = await new Promise<number>((resolve) => {
    void startAdapter("Express", options).then(async ({ send, stop }) => {
      const response = await send("/mcp", { method: "POST" });
      afterAll(stop);
      resolve(Number(new URL(response.url).port));
    });
  });
  const status = (method: string, path: string) =>
    new Promise((resolve, reject) => {
      httpRequest({ port, host: "127.0.0.1", method, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  expect(await status("TRACE", "/mcp")).toBe(401);
  expect(await status("OPTIONS", "*")).toBeLessThan(500);
  expect(await status("GET", "//evil.example/.well-known/oauth-protected-resource")).toBe(404);
  expect(await status("GET", "http://evil.example/.well-known/oauth-protected-resource")).toBeLessThan(500);
});
