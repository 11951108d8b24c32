import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeReachable } from "./data-folder.ts";
import type { Faults } from "./faults.ts";
import { startNeon } from "./neon.ts";
import { findFreePort } from "./ports.ts";
import { createPostgresDatabase, hasPostgresDatabase, type PostgresServer, startPostgres } from "./postgres.ts";
import { type RedisEngine, startRedis } from "./redis.ts";
import { startUpstash } from "./upstash.ts";

/** What the Worker needs beside itself. */
export type Services = {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly redisToken: string;
};

/** Stand-ins for both services, with the controls that tests use. */
export type LocalServices = Services & {
  readonly neon: Faults;
  readonly upstash: Faults;
  readonly stop: () => Promise<void>;
};

const DATABASE = "gatehouse";

/** Starts Postgres behind Neon's wire and Redis behind Upstash's. With null as the folder, nothing is stored. */
export async function startLocalServices(folder: string | null): Promise<LocalServices> {
  const data = folder ?? (await mkdtemp(join(tmpdir(), "gatehouse-")));
  await makeReachable(data);
  const postgres = await startPostgres(data, { durable: folder !== null });
  if (!(await hasPostgresDatabase(postgres, DATABASE))) await createPostgresDatabase(postgres, DATABASE);
  const services = await startWires(postgres, DATABASE, "embedded");
  const stop = async () => {
    await services.stop();
    await postgres.stop();
    if (folder === null) await rm(data, { recursive: true, force: true });
  };
  return { ...services, stop };
}

/** Puts the two wires before a database of a running Postgres and a Redis of its own. */
export async function startWires(
  postgres: PostgresServer,
  database: string,
  engine: RedisEngine,
  connections?: number,
): Promise<LocalServices> {
  const neon = await startNeon(postgres, database, await findFreePort(), connections);
  const redis = await startRedis(engine);
  const upstash = await startUpstash(redis, await findFreePort());
  return {
    databaseUrl: neon.databaseUrl,
    redisUrl: upstash.url,
    redisToken: upstash.token,
    neon: neon.faults,
    upstash: upstash.faults,
    stop: async () => {
      await Promise.all([neon.stop(), upstash.stop()]);
      await redis.stop();
    },
  };
}
