import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { Hono } from "hono";
import { afterAll, describe, expect, test } from "vitest";
import { stopServer } from "../../src/dev/json-server.ts";
import { resourceServer as expressResourceServer } from "../../src/resource-server/express.ts";
import { resourceServer as honoResourceServer } from "../../src/resource-server/hono.ts";
import type { ResourceServerOptions } from "../../src/resource-server/options.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { grantTokens, revoke } from "../support/oauth-client.ts";
import { ADAPTERS, bearer, protectedOptions } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const LIFETIME = 4;
const { gatehouse, browser, client } = await ownScene({ vars: { ACCESS_TOKEN_SECONDS: String(LIFETIME) } });
const options = await protectedOptions(gatehouse);
const grant = () => grantTokens(gatehouse, browser, client, { resource: options.resource });

/** The handlers' answer: an event every 50 ms, for ever. `stopped` says which of them have lost their listener. */
const stopped: string[] = [];
const events = (name: string) => {
  let timer: ReturnType<typeof setInterval>;
  const body = new ReadableStream({
    start: (controller) => {
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode("data: 1\n\n")), 50);
    },
    cancel: () => {
      clearInterval(timer);
      stopped.push(name);
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
};

type Open = (token: string, path?: string) => Promise<Response>;

async function start(adapter: (typeof ADAPTERS)[number], changes: Partial<ResourceServerOptions>): Promise<Open> {
  const all = { ...options, ...changes };
  const { origin } = new URL(all.resource);
  const on = (send: (request: Request) => Response | Promise<Response>): Open => {
    return async (token, path = "/mcp") => send(new Request(origin + path, { headers: bearer(token) }));
  };
  if (adapter === "fetch") return on(resourceServer(all).protect(() => events(adapter)));
  if (adapter === "Hono") {
    const server = honoResourceServer(all);
    const app = new Hono().use(server.metadata(), server.secure());
    app.get("/mcp", server.bearerAuth(), () => events(adapter));
    return on((request) => app.fetch(request));
  }
  const server = expressResourceServer(all);
  const app = express().use(server.secure());
  app.get("/mcp", server.bearerAuth(), (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const timer = setInterval(() => response.write("data: 1\n\n"), 50);
    response.on("close", () => {
      clearInterval(timer);
      stopped.push(adapter);
    });
  });
  app.get("/slow", server.bearerAuth(), (_, response) => {
    setTimeout(() => response.json({ slow: true }), (LIFETIME + 2) * 1000);
  });
  const listening = createServer(app);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  afterAll(() => stopServer(listening));
  const { port } = listening.address() as AddressInfo;
  return (token, path = "/mcp") => fetch(`http://127.0.0.1:${port}${path}`, { headers: bearer(token) });
}

/** How many seconds a stream stays open from now on. A stream that has ended before it is read gives nothing. */
async function secondsOpen(response: Response, reading = response.text()): Promise<number> {
  const from = performance.now();
  expect(await reading).toMatch(/^(data: 1\n\n)+$/);
  return (performance.now() - from) / 1000;
}

describe.concurrent.each(ADAPTERS)("%s", (adapter) => {
  test("K3 a stream ends with its token, and its writer is told", async () => {
    const open = await start(adapter, {});
    const response = await open((await grant()).access_token);
    expect(response.status).toBe(200);
    expect(await secondsOpen(response)).toBeLessThanOrEqual(LIFETIME + 1);
    expect(stopped).toContain(adapter);
  });

  test("K3 a stream ends when the next look-up finds its token revoked", async () => {
    const open = await start(adapter, { streamCheckSeconds: 0.5 });
    const { access_token } = await grant();
    const response = await open(access_token);
    const reading = response.text();
    await revoke(gatehouse, client, access_token);
    expect(await secondsOpen(response, reading)).toBeLessThan(2);
  });

  test("K3 a client that goes away ends its stream, and no look-up is made for it any more", async () => {
    const open = await start(adapter, { streamCheckSeconds: 0.5 });
    const response = await open((await grant()).access_token);
    const before = stopped.length;
    await response.body?.cancel();
    await expect.poll(() => stopped.length).toBeGreaterThan(before);
  });
});

test("K3 an answer of Express that hasn't begun when the token ends is still sent", async () => {
  const open = await start("Express", { streamCheckSeconds: 0.5 });
  const response = await open((await grant()).access_token, "/slow");
  expect([response.status, await response.json()]).toEqual([200, { slow: true }]);
});

test("K3 a stream goes on while Gatehouse is down, but no longer than its token", async () => {
  const open = await start("fetch", { streamCheckSeconds: 0.5 });
  const response = await open((await grant()).access_token);
  gatehouse.services.neon.inject("refuse");
  expect(await secondsOpen(response)).toBeGreaterThan(1);
  gatehouse.services.neon.reset();
});

test("K3 a stream ends if its token loses a permission", async () => {
  const open = await start("fetch", { streamCheckSeconds: 0.5 });
  const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const { access_token } = await grantTokens(gatehouse, other, client, { resource: options.resource });
  const response = await open(access_token);
  const reading = response.text();
  const account = await other.open(`${gatehouse.issuer}/account`);
  const path = new URL(account.html.querySelector(".cards h3 a")?.getAttribute("href") ?? "").pathname;
  const page = await other.open(gatehouse.issuer + path);
  await other.submit(page, `${path}/narrow`, { scope: ["mcp:tools"] });
  expect(await secondsOpen(response, reading)).toBeLessThan(2);
});
