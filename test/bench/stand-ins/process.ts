import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../../../src/cli/migrate.ts";
import { makeReachable } from "../../../src/dev/data-folder.ts";
import { startWires } from "../../../src/dev/local-services.ts";
import { findFreePort } from "../../../src/dev/ports.ts";
import { connectPostgres, createPostgresDatabase, startPostgres } from "../../../src/dev/postgres.ts";
import { listChildren } from "../../../src/dev/reaper.ts";
import { answerParent } from "../child.ts";
import { startKv } from "./kv.ts";
import { startSlowWire } from "./slow-wire.ts";

/** All storage of the servers, in one process beside them: Postgres on two wires, Redis, KV. */
const folder = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
await makeReachable(folder);
const postgres = await startPostgres(folder, { durable: false });
const [postgresPid = 0] = await listChildren("postgres");
await createPostgresDatabase(postgres, "gatehouse");
const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
const services = await startWires(postgres, "gatehouse", hasRedis ? "redis-server" : "embedded");
const [redisPid = null] = await listChildren("redis-server");
await migrate(services.databaseUrl);
const probe = connectPostgres(postgres, "gatehouse");
await probe.connect();
const version = String((await probe.query("show server_version")).rows[0].server_version);
await probe.end();
const kv = await startKv(await findFreePort());
const wire = await startSlowWire(await findFreePort(), postgres.port);
const hops = { neon: services.neon, upstash: services.upstash, kv: kv.faults, wire };

const methods = {
  describe: async () => ({
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    redisToken: services.redisToken,
    kvPort: kv.port,
    postgresPid,
    /** Null if Redis runs in this process. */
    redisPid,
    postgresVersion: version,
  }),
  /** A database for a server that speaks Postgres' own protocol. Its URL leads over the slow wire. */
  createDatabase: async (name: string) => {
    await createPostgresDatabase(postgres, name);
    return `postgres://gatehouse:${postgres.password}@127.0.0.1:${wire.port}/${name}`;
  },
  /** Restarts the count of hops, and makes each of them take this much longer. */
  begin: async (latency: number) => {
    for (const each of Object.values(hops)) {
      each.reset();
      each.setLatency(latency);
    }
  },
  /** Runs a statement that takes longer than the wire allows. */
  run: async (statement: string) => {
    const client = connectPostgres(postgres, "gatehouse");
    await client.connect();
    await client.query(statement);
    await client.end();
  },
  countHops: async () => Object.values(hops).reduce((sum, each) => sum + each.requests(), 0),
};

export type StandIns = typeof methods;

answerParent(methods, async () => {
  await Promise.all([services.stop(), kv.stop(), wire.stop()]);
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});
