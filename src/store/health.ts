import { sql } from "drizzle-orm";
import journal from "../../drizzle/meta/_journal.json" with { type: "json" };
import { type Database, isBehind } from "./database.ts";
import { GATES } from "./gate.ts";
import { askRedis, type Redis } from "./redis.ts";
import { texts } from "./sql.ts";

export type DatabaseState = {
  /** The gates rest on READ COMMITTED: under anything stricter the loser of a race fails instead of waiting. */
  readonly isolationLevel: string;
  /** Migrations and functions that this version needs and that are not there, by name. */
  readonly missing: readonly string[];
};

/** The last migration that this version knows. */
export const SCHEMA: string = journal.entries.at(-1)?.tag ?? "none";

/** What of this version's schema is not there: migrations by the times in drizzle's journal, functions by their versioned names. */
export async function findDatabaseState(db: Database): Promise<DatabaseState> {
  const functions = Object.entries(GATES).map(([name, version]) => `${name}_${version}`);
  const whens = journal.entries.map(({ when }) => String(when));
  try {
    const [row] = await db.read<{ level: string; whens: string[]; functions: string[] }>(sql`
      select current_setting('transaction_isolation') as level,
        array(select w from unnest(${texts(whens)}) w
          where w not in (select created_at::text from drizzle.__drizzle_migrations where created_at is not null)) as whens,
        array(select f from unnest(${texts(functions)}) f
          where not exists (select from pg_proc where proname = f and pg_function_is_visible(oid))) as functions`);
    const missing = journal.entries.filter(({ when }) => row?.whens.includes(String(when))).map(({ tag }) => tag);
    return { isolationLevel: row?.level ?? "unknown", missing: [...missing, ...(row?.functions ?? [])] };
  } catch (error) {
    // There is no journal: nobody has migrated this database yet.
    if (!isBehind(error)) throw error;
    return { isolationLevel: await findIsolationLevel(db), missing: journal.entries.map(({ tag }) => tag) };
  }
}

export const findIsolationLevel = async (db: Database): Promise<string> => {
  const [row] = await db.read<{ level: string }>(sql`select current_setting('transaction_isolation') as level`);
  return row?.level ?? "unknown";
};

export const findRedisState = (redis: Redis): Promise<string> => askRedis(() => redis.ping());
