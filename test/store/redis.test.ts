import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Redis as Client } from "@upstash/redis";
import { afterAll, beforeEach, expect, test } from "vitest";
import { startEmbeddedRedis } from "../../src/dev/embedded-redis.ts";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { startUpstash } from "../../src/dev/upstash.ts";
import { createRedis } from "../../src/store/redis.ts";

// Compares with Upstash's own client, which knows what Upstash takes and sends.
const standIn = await startUpstash(await startEmbeddedRedis(), await findFreePort());

/** What was sent: path, token and body. */
const sent: { readonly path: string; readonly token: string | undefined; readonly body: unknown }[] = [];
/** What is answered in the stand-in's place, if anything. */
let instead: { readonly status: number; readonly body: string } | null = null;
const recorder = createServer(async (request, response) => {
  const body = await text(request);
  const { authorization, "upstash-encoding": encoding } = request.headers;
  sent.push({ path: request.url ?? "", token: authorization, body: JSON.parse(body) });
  const headers = { Authorization: authorization ?? "", ...(encoding ? { "Upstash-Encoding": String(encoding) } : {}) };
  const answer = instead ?? (await fetch(standIn.url + request.url, { method: "POST", headers, body }));
  response
    .writeHead(answer.status, answer.status === 302 ? { Location: "/elsewhere" } : {})
    .end(instead?.body ?? (await (answer as Response).text()));
});
await new Promise<void>((resolve) => recorder.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`;
const own = createRedis(`${url}/`, standIn.token);
const client = new Client({ url, token: standIn.token, enableTelemetry: false, enableAutoPipelining: false });

beforeEach(() => {
  sent.length = 0;
  instead = null;
});
afterAll(async () => {
  await stopServer(recorder);
  await standIn.stop();
});

test.each([
  ["SET", ["a", "1", "EX", 60], () => client.set("a", "1", { ex: 60 }), "OK"],
  ["SET", ["a", "2", "NX", "EX", 60], () => client.set("a", "2", { nx: true, ex: 60 }), null],
  ["GET", ["a"], () => client.get("a"), "1"],
  ["GET", ["nothing"], () => client.get("nothing"), null],
  ["INCR", ["n"], () => client.incr("n"), 1],
  ["DECR", ["n"], () => client.decr("n"), 1],
  ["PING", [], () => client.ping(), "PONG"],
] as const)(
  "Upstash: %s is sent as Upstash's own client sends it, and answered as Redis answers",
  async (name, parameters, clients, answer) => {
    expect(await own.ask(name, ...parameters)).toBe(answer);
    await clients();
    const [first, second] = sent.map(({ path, token, body }) => {
      const command = (body as unknown[]).map((part) => String(part).toLowerCase());
      return { path, token, command: command.sort() };
    });
    expect(first).toEqual(second);
  },
);

test("Upstash: a transaction is one request, and takes effect as a whole or not at all", async () => {
  const results = await own.transact(["DEL", "t"], ["INCR", "t"], ["EXPIRE", "t", 60]);
  expect(results).toEqual([0, 1, 1]);
  await client.multi().del("t").incr("t").expire("t", 60).exec();
  const [first, second] = sent.map(({ path, body }) => ({ path, body: JSON.stringify(body).toLowerCase() }));
  expect(first).toEqual(second);
  await own.ask("SET", "word", "text");
  await expect(own.transact(["INCR", "word"], ["INCR", "t"])).rejects.toMatchObject({ service: "redis" });
});

test("Upstash: a script is sent by its digest, and in full only if Redis doesn't have it", async () => {
  const script = "return {KEYS[1], ARGV[1], tonumber(ARGV[2]) + 1}";
  for (let n = 0; n < 2; n++) expect(await own.run(script, ["key"], ["word", 1])).toEqual(["key", "word", 2]);
  expect(sent.map(({ body }) => (body as string[])[0])).toEqual(["EVALSHA", "EVAL", "EVALSHA"]);
  sent.length = 0;
  await client.createScript(script).exec(["key"], ["word", "1"]);
  const [{ body }] = sent as unknown as [{ body: string[] }];
  sent.length = 0;
  await own.run(script, ["key"], ["word", "1"]);
  const [again] = sent.map((request) => (request.body as unknown[]).map(String));
  expect(again).toEqual(body.map((part, n) => (n === 0 ? "EVALSHA" : String(part))));
});

test.each([
  ["a wrong token", 401, '{"error":"Unauthorized"}'],
  ["an error of Redis", 400, '{"error":"WRONGTYPE Operation against a key"}'],
  ["an HTML page", 200, "<html>"],
  ["an empty answer", 200, ""],
  ["null", 200, "null"],
  ["an answer without a result", 200, "{}"],
  ["an answer of a proxy", 502, '{"result":"OK"}'],
  ["a redirect", 302, ""],
])("Upstash: %s becomes an error that reveals nothing, and no other server is asked", async (_, status, body) => {
  instead = { status, body };
  for (const work of [
    () => own.ask("GET", "secret-key"),
    () => own.transact(["GET", "secret-key"], ["GET", "secret-key"]),
    () => own.run("return 1", ["secret-key"], []),
  ]) {
    const error = await work().then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: "Unavailable", service: "redis" });
    expect(`${error?.message} ${JSON.stringify(error)} ${error?.cause ?? ""}`).not.toMatch(
      new RegExp(`secret-key|${standIn.token}`),
    );
  }
  expect(sent.filter(({ path }) => !["/", "/multi-exec"].includes(path))).toEqual([]);
});
