import { createHash, randomBytes } from "node:crypto";
import type { RedisCommand, RedisServer } from "./embedded-redis.ts";
import { createFaults, type Faults } from "./faults.ts";
import { startJsonServer, stopServer } from "./json-server.ts";

type UpstashStandIn = {
  /** UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN. */
  readonly url: string;
  readonly token: string;
  readonly faults: Faults;
  readonly stop: () => Promise<void>;
};

type Reply = { result: unknown } | { error: string };

/** Speaks Upstash's REST protocol for a Redis server. */
export async function startUpstash(redis: RedisServer, port: number): Promise<UpstashStandIn> {
  const token = randomBytes(24).toString("base64url");
  const faults = createFaults();
  const scripts = createScriptMap();

  const run = async (command: RedisCommand): Promise<Reply> => {
    try {
      return { result: await redis.send(scripts.translate(command.map(String))) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };

  const server = await startJsonServer(port, faults, async (path, body, headers) => {
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { error: "Unauthorized" } };
    const encode = headers["upstash-encoding"] === "base64" ? encodeReply : (reply: Reply) => reply;
    if (path === "/pipeline")
      return { status: 200, body: (await Promise.all((body as RedisCommand[]).map(run))).map(encode) };
    if (path === "/multi-exec") {
      const results = await redis.transact(
        (body as RedisCommand[]).map((command) => scripts.translate(command.map(String))),
      );
      return { status: 200, body: results.map((result) => encode({ result })) };
    }
    const reply = encode(await run(body as RedisCommand));
    return { status: "error" in reply ? 400 : 200, body: reply };
  });
  return { url: `http://127.0.0.1:${port}`, token, faults, stop: () => stopServer(server) };
}

/**
 * `#!lua flags=allow-key-locking` is Upstash's own, and Redis refuses the flag. Without that line a script has another
 * SHA, so the one that the caller computed has to be stored.
 */
function createScriptMap() {
  const shas = new Map<string, string>();
  const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
  return {
    translate: (command: RedisCommand): RedisCommand => {
      const [name = "", first = "", ...rest] = command;
      if (/^eval(_ro)?$/i.test(name) && first.startsWith("#!lua flags=")) {
        const script = first.replace(/^.*/, "--");
        shas.set(sha1(first), sha1(script));
        return [name, script, ...rest];
      }
      if (/^evalsha(_ro)?$/i.test(name)) return [name, shas.get(first) ?? first, ...rest];
      return command;
    },
  };
}

/** Every string but OK is sent as base64, including nested ones. */
function encodeReply(reply: Reply): Reply {
  const encode = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(encode);
    if (typeof value !== "string" || value === "OK") return value;
    return Buffer.from(value).toString("base64");
  };
  return "error" in reply ? reply : { result: encode(reply.result) };
}
