import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { createDatabase } from "../store/database.ts";
import { findIsolationLevel } from "../store/health.ts";
import { applyMigrations, installGates } from "../store/migrations.ts";
import { findDatabaseUrl } from "./connection.ts";
import { type OutputOptions, print } from "./output.ts";

/** Brings a database up to date with `drizzle/`; how many migrations that took. */
export async function migrate(databaseUrl: string): Promise<number> {
  const db = createDatabase(databaseUrl);
  const level = await findIsolationLevel(db);
  if (level !== "read committed") throw new Error(`The database runs at ${level}; Gatehouse needs READ COMMITTED.`);
  const migrationsFolder = join(import.meta.dirname, "../../drizzle");
  const applied = await applyMigrations(db, readMigrationFiles({ migrationsFolder }));
  await installGates(db, await readGates());
  return applied;
}

/** The texts of the functions in the database. */
async function readGates(): Promise<string[]> {
  const folder = join(import.meta.dirname, "../store/gates");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
}

/** `migrate` */
export async function migrateCommand(options: OutputOptions): Promise<void> {
  const applied = await migrate(await findDatabaseUrl());
  print(options, { applied }, applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
}
