import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { askRedis, type Redis } from "./redis.ts";

/** The gates rest on READ COMMITTED: under anything stricter the loser of a race fails instead of waiting. */
export const findIsolationLevel = async (db: Database): Promise<string> => {
  const [row] = await db.read<{ level: string }>(sql`select current_setting('transaction_isolation') as level`);
  return row?.level ?? "unknown";
};

export const findRedisState = (redis: Redis): Promise<string> => askRedis(() => redis.ping());
