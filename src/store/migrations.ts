import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";

/** One file of `drizzle/`: its statements in order, and a hash over all of them. */
type Migration = { readonly hash: string; readonly sql: readonly string[]; readonly folderMillis: number };

/**
 * Applies the migrations that haven't been applied yet, each in a transaction of its own. The journal is drizzle's. Two
 * runs at once wait for each other.
 */
export async function applyMigrations(db: Database, migrations: readonly Migration[]): Promise<number> {
  await db.run(sql`create schema if not exists drizzle`);
  await db.run(sql`
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`);
  let applied = 0;
  for (const migration of migrations) {
    if (await isApplied(db, migration)) continue;
    await db.batch([
      sql`lock table drizzle.__drizzle_migrations in exclusive mode`,
      ...migration.sql.map((statement) => sql.raw(statement)),
      sql`insert into drizzle.__drizzle_migrations (hash, created_at)
        values (${text(migration.hash)}, ${migration.folderMillis}::bigint)`,
    ]);
    applied++;
  }
  return applied;
}

/**
 * Installs the functions of `gates/`, each the text of a file, in one transaction. Existing ones are replaced, so the
 * next run completes an installation that was cut short.
 */
export async function installGates(db: Database, functions: readonly string[]): Promise<void> {
  await db.batch([
    // Postgres refuses to replace one function in two transactions at once, so runs take turns.
    sql`lock table drizzle.__drizzle_migrations in exclusive mode`,
    ...functions.map((text) => sql.raw(text)),
  ]);
}

const isApplied = async (db: Database, { hash }: Migration): Promise<boolean> =>
  (await db.read(sql`select id from drizzle.__drizzle_migrations where hash = ${text(hash)}`)).length > 0;
