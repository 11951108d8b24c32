import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { migrate } from "../../src/cli/migrate.ts";
import { makeReachable } from "../../src/dev/data-folder.ts";
import { startNeon } from "../../src/dev/neon.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createPostgresDatabase, startPostgres } from "../../src/dev/postgres.ts";
import { buildWorkers, bundleCli } from "./bundles.ts";

declare module "vitest" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be added to.
  interface ProvidedContext {
    postgres: { readonly port: number; readonly password: string };
    /** The most connections that a Gatehouse has to Postgres. */
    connections: number;
    /** The file that runs the owner's commands. */
    cli: string;
    /** The file with the Workers that many test files start. */
    workers: string;
  }
}

/** Each test file copies this database instead of migrating one of its own. */
const TEMPLATE = "gatehouse_template";

/** One Postgres for the whole run, and one bundle each of the owner's commands and of some Workers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Commands and workers load hundreds of modules, which Node compiles once and keeps.
  process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "../../node_modules/.cache/node-compile-cache");
  const bundles = Promise.all([bundleCli(), buildWorkers()]);
  const folder = await mkdtemp(join(await findFastFolder(), "gatehouse-test-"));
  await makeReachable(folder);
  const postgres = await startPostgres(folder, { durable: false });
  await createPostgresDatabase(postgres, TEMPLATE);
  const neon = await startNeon(postgres, TEMPLATE, await findFreePort());
  await migrate(neon.databaseUrl);
  await neon.stop();
  project.provide("postgres", { port: postgres.port, password: postgres.password });
  const [cli, workers] = await bundles;
  project.provide("cli", cli);
  project.provide("workers", workers);
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Memory, where there is enough of it. A database is 500 files, and a disk may take half a second to copy them. */
async function findFastFolder(): Promise<string> {
  const memory = await statfs("/dev/shm").catch(() => null);
  return memory && memory.bavail * memory.bsize > 4 * 2 ** 30 ? "/dev/shm" : tmpdir();
}
