import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import express from "express";
import { afterAll, describe, expect, test } from "vitest";
import { type NodeRequest, type NodeResponse, resourceServer } from "../../src/resource-server/express.ts";

const MAX = 100_000;
const gatehouse = resourceServer({
  resource: "https://notes.example/mcp",
  issuer: "https://auth.example",
  credential: { id: "id", secret: "secret" },
  maxBodyBytes: MAX,
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Sends pieces one after the other, without declaring their length. */
const sendChunked = (port: number, pieces: readonly string[]) =>
  new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const headers = { "Transfer-Encoding": "chunked", "Content-Type": "application/json" };
    const request = httpRequest(
      { port, host: "127.0.0.1", method: "POST", path: "/mcp", headers },
      async (response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode ?? 0, text });
      },
    ).on("error", reject);
    void (async () => {
      for (const piece of pieces) {
        request.write(piece);
        await new Promise((next) => setTimeout(next, 5));
      }
      request.end();
    })();
  });

describe("HTTP/1.1, chunked", async () => {
  let handled = 0;
  const app = express();
  app.use(gatehouse.secure(), express.json({ limit: 10 * MAX }));
  app.post("/mcp", (request, response) => {
    handled++;
    response.json({ got: request.body });
  });
  const port = await listen(createHttpServer(app));

  test("K4 a body in pieces reaches its parser complete and in order", async () => {
    const text = JSON.stringify({ text: "\u00e9".repeat(20_000), end: 1 });
    const pieces = [text.slice(0, 1), text.slice(1, 20_000), text.slice(20_000)];
    expect(await sendChunked(port, pieces)).toEqual({ status: 200, text: JSON.stringify({ got: JSON.parse(text) }) });
    expect(await sendChunked(port, ["{}"])).toEqual({ status: 200, text: '{"got":{}}' });
    expect((await sendChunked(port, [])).status).toBe(200);
  });

  test.each([
    ["all at once", [`"${"x".repeat(MAX)}"`]],
    ["in pieces", ['"', ...Array.from({ length: 30 }, () => "x".repeat(MAX / 10)), '"']],
    ["one byte too long", ["x".repeat(MAX), "x"]],
  ])("K4 a body over the bound, sent %s, is 413, and no handler gets any of it", async (_, pieces) => {
    const before = handled;
    const { status, text } = await sendChunked(port, pieces);
    expect([status, JSON.parse(text).error]).toEqual([413, "invalid_request"]);
    expect(handled).toBe(before);
  });

  test("K4 a body of exactly the bound passes", async () => {
    expect((await sendChunked(port, [`"${"x".repeat(MAX - 4)}`, '"', " "])).status).not.toBe(413);
  });

  test("K4 a body that another parser has read before is left alone", async () => {
    const late = express();
    late.use(express.json(), gatehouse.secure());
    late.post("/mcp", (request, response) => void response.json(request.body));
    expect(await sendChunked(await listen(createHttpServer(late)), ['{"a"', ":1}"])).toEqual({
      status: 200,
      text: '{"a":1}',
    });
  });
});

describe("HTTP/2", async () => {
  const read = async (request: IncomingMessage | AsyncIterable<Buffer>) => {
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) length += chunk.byteLength;
    return length;
  };
  const secure = gatehouse.secure();
  const server = createHttp2Server((request, response) => {
    secure(request as unknown as NodeRequest, response as unknown as NodeResponse, () => {
      void read(request as unknown as AsyncIterable<Buffer>).then(
        (length) => response.end(String(length)),
        () => response.destroy(),
      );
    });
  });
  const port = await listen(server);

  const send = (bytes: number, headers: Record<string, string> = {}, method = "POST") =>
    new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
      const session = connect(`http://127.0.0.1:${port}`);
      session.on("error", reject);
      const stream = session.request(
        { ":method": method, ":path": "/mcp", ...headers },
        { endStream: method === "GET" },
      );
      let status = 0;
      let text = "";
      stream.on("response", (answered) => {
        status = Number(answered[":status"]);
      });
      stream.on("data", (chunk) => {
        text += chunk;
      });
      stream.on("end", () => {
        session.destroy();
        resolve({ status, text });
      });
      stream.on("error", (error) => {
        session.destroy();
        reject(error);
      });
      if (method !== "GET") stream.end("x".repeat(bytes));
    });

  test("K4 a body without a declared length is counted, and passes up to the bound", async () => {
    expect(await send(MAX)).toEqual({ status: 200, text: String(MAX) });
    expect(await send(0)).toEqual({ status: 200, text: "0" });
    expect(await send(0, {}, "GET")).toEqual({ status: 200, text: "0" });
    expect((await send(MAX + 1)).status).toBe(413);
    expect((await send(20 * MAX)).status).toBe(413);
  });

  test("K4 a body that is longer than its declared length is cut off", async () => {
    const outcome = await send(2 * MAX, { "content-length": "10" }).catch(() => "reset");
    expect(outcome).not.toMatchObject({ text: String(2 * MAX) });
    expect((await send(MAX + 1, { "content-length": String(MAX + 1) })).status).toBe(413);
  });
});
