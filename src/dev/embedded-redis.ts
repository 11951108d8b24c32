import { createInMemoryRedis } from "js-redis-server";

export type RedisCommand = readonly string[];

/**
 * A Redis with Lua that executes commands one after the other, replies with JavaScript values and rejects on errors.
 */
export type RedisServer = {
  readonly send: (command: RedisCommand) => Promise<unknown>;
  /** Executes all commands or none, between MULTI and EXEC. */
  readonly transact: (commands: readonly RedisCommand[]) => Promise<unknown[]>;
  readonly stop: () => Promise<void>;
};

/** An implementation in JavaScript inside this process. */
export async function startEmbeddedRedis(): Promise<RedisServer> {
  const redis = await createInMemoryRedis();
  const send = ([name = "", ...args]: RedisCommand) => redis.connect().send(name, ...args);
  const transact = async (commands: readonly RedisCommand[]) => {
    const connection = redis.connect();
    await connection.send("MULTI");
    for (const [name = "", ...args] of commands) await connection.send(name, ...args);
    return (await connection.send("EXEC")) as unknown[];
  };
  return { send, transact, stop: async () => redis.close() };
}
