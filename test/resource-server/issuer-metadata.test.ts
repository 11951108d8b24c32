import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ADAPTERS, startAdapter } from "../support/protected-server.ts";

const PATH = "/.well-known/oauth-authorization-server";

/** An issuer at a path, which counts its callers. */
let respond: (request: IncomingMessage, response: ServerResponse) => void;
const asked: (string | undefined)[] = [];
const server = createServer((request, response) => {
  asked.push(request.url);
  respond(request, response);
});
let issuer: string;
let origin: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  issuer = `${origin}/tenant`;
});
afterAll(() => server.close());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const json = (document: object) => (_: IncomingMessage, response: ServerResponse) =>
  response.setHeader("Content-Type", "application/json").end(JSON.stringify(document));
const start = (adapter: (typeof ADAPTERS)[number], changes = {}) =>
  startAdapter(adapter, {
    ...{ resource: "https://notes.example/mcp", issuer, credential: { id: "id", secret: "secret" } },
    ...changes,
  });

describe.each(ADAPTERS)("%s", (adapter) => {
  test.each([PATH, `${PATH}/mcp`])(
    "K2 %s gives the issuer's document to pages of any origin, and keeps it for minutes",
    async (path) => {
      respond = json({ issuer, authorization_endpoint: `${issuer}/authorize` });
      const { send, stop } = await start(adapter);
      asked.length = 0;
      for (const _ of [1, 2, 3]) {
        const answer = await send(path, { headers: { Origin: "https://inspector.example" } });
        expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([200, "*"]);
        expect(await answer.json()).toEqual({ issuer, authorization_endpoint: `${issuer}/authorize` });
      }
      expect(asked).toEqual([`${PATH}/tenant`]);
      await stop();
    },
  );

  test("K2 without a sound document from the issuer the answer is 503, and repeated requests don't reach the issuer", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    for (const answer of [
      json({ issuer: "https://evil.example", token_endpoint: "https://evil.example/token" }),
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(302, { Location: "/elsewhere" }).end(),
      (_: IncomingMessage, response: ServerResponse) => response.end("no JSON"),
    ]) {
      respond = answer;
      const { send, stop } = await start(adapter);
      asked.length = 0;
      for (const _ of [1, 2, 3]) expect((await send(PATH)).status).toBe(503);
      expect(asked).toHaveLength(1);
      expect(logged).toHaveBeenLastCalledWith(expect.stringContaining(`${origin}${PATH}/tenant`));
      await stop();
    }
    expect(logged).toHaveBeenCalledTimes(3);
  });
});

test("K2 the last good document is served while the issuer is down", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  respond = json({ issuer });
  const { send } = await start("fetch");
  await send(PATH);
  vi.setSystemTime(Date.now() + 10 * 60_000);
  respond = (_, response) => response.writeHead(500).end();
  expect(await (await send(PATH)).json()).toEqual({ issuer });
});

test("K2 an issuer on the same origin serves its own document", async () => {
  const { send } = await start("fetch", { resource: `${origin}/mcp` });
  expect((await send(PATH)).status).toBe(401);
});

test("K3 an issuer that can't be reached is named in the log once a minute", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const { send } = await start("fetch", { issuer: "http://127.0.0.1:9" });
  for (const _ of [1, 2]) expect((await send("/mcp", { headers: { Authorization: "Bearer a" } })).status).toBe(503);
  expect(logged.mock.calls).toEqual([[expect.stringContaining("http://127.0.0.1:9/introspect")]]);
});
