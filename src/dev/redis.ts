import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { type RedisServer, startEmbeddedRedis } from "./embedded-redis.ts";
import { findFreePort } from "./ports.ts";
import { reapAtEnd } from "./reaper.ts";

/** An implementation in JavaScript inside this process, or the `redis-server` on the PATH. */
export type RedisEngine = "embedded" | "redis-server";

export const startRedis = (engine: RedisEngine): Promise<RedisServer> =>
  engine === "embedded" ? startEmbeddedRedis() : startInstalled();

async function startInstalled(): Promise<RedisServer> {
  const port = await findFreePort();
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", settings, { detached: true, stdio: "ignore", cwd: "/" });
  if (server.pid) reapAtEnd(server.pid);
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const client = await connectPatiently(`redis://127.0.0.1:${port}`);
  return {
    send: (command) => client.sendCommand([...command]),
    transact: async (commands) => {
      const transaction = client.multi();
      for (const command of commands) transaction.addCommand([...command]);
      return transaction.exec();
    },
    stop: async () => {
      client.destroy();
      server.kill("SIGTERM");
      await exited;
    },
  };
}

async function connectPatiently(url: string) {
  for (let tries = 0; ; tries++) {
    const client = createClient({ url, socket: { reconnectStrategy: false } }).on("error", () => {});
    try {
      return await client.connect();
    } catch (error) {
      if (tries === 400) throw error;
      await sleep(25);
    }
  }
}
