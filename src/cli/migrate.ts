import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { createDatabase } from "../store/database.ts";
import { findIsolationLevel } from "../store/health.ts";
import { applyMigrations } from "../store/migrations.ts";

/** Brings a database up to date with `drizzle/`; how many migrations that took. */
export async function migrate(databaseUrl: string): Promise<number> {
  const db = createDatabase(databaseUrl);
  const level = await findIsolationLevel(db);
  if (level !== "read committed") throw new Error(`The database runs at ${level}; Gatehouse needs READ COMMITTED.`);
  return applyMigrations(db, readMigrationFiles({ migrationsFolder: join(import.meta.dirname, "../../drizzle") }));
}
