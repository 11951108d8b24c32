import { sql } from "drizzle-orm";
import journal from "../../drizzle/meta/_journal.json" with { type: "json" };
import { type Database, isBehind } from "./database.ts";
import manifest from "./gates/manifest.json" with { type: "json" };
import type { Redis } from "./redis.ts";
import { textArray } from "./sql.ts";

type DatabaseState = {
  /** The gates rely on READ COMMITTED. Under a stricter level, the loser of a race would fail instead of waiting. */
  readonly isolationLevel: string;
  /** The names of migrations and functions that this version needs and the database lacks. */
  readonly missing: readonly string[];
};

/** The last migration that this version knows. */
export const SCHEMA: string = journal.entries.at(-1)?.tag ?? "none";

/**
 * The parts of this version's schema that the database lacks: migrations by the times in drizzle's journal, functions
 * by their versioned names.
 */
export async function findDatabaseState(db: Database): Promise<DatabaseState> {
  const [row] = await db.read<{ level: string; functions: string[] }>(sql`
    select current_setting('transaction_isolation') as level, array(select f from unnest(${textArray(Object.keys(manifest))}) f
      where not exists (select from pg_proc where proname = f and pg_function_is_visible(oid))) as functions`);
  const missing = [...(await findMissingMigrations(db)), ...(row?.functions ?? [])];
  return { isolationLevel: row?.level ?? "unknown", missing };
}

async function findMissingMigrations(db: Database): Promise<string[]> {
  try {
    const rows = await db.read<{ at: string }>(sql`select created_at::text as at from drizzle.__drizzle_migrations`);
    const applied = new Set(rows.map(({ at }) => at));
    return journal.entries.filter(({ when }) => !applied.has(String(when))).map(({ tag }) => tag);
  } catch (error) {
    // Without a journal, nobody has migrated this database yet.
    if (isBehind(error)) return journal.entries.map(({ tag }) => tag);
    // A role for the Worker alone may not read the journal. Then the functions have to tell.
    if ((error as { code?: string }).code === "42501") return [];
    throw error;
  }
}

export const findIsolationLevel = async (db: Database): Promise<string> => {
  const [row] = await db.read<{ level: string }>(sql`select current_setting('transaction_isolation') as level`);
  return row?.level ?? "unknown";
};

export const findRedisState = (redis: Redis): Promise<string> => redis.ask("PING");
