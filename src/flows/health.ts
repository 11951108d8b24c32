import type { Deps } from "../deps.ts";
import { VERSION } from "../lib/version.ts";
import { findDatabaseState, findRedisState, SCHEMA } from "../store/health.ts";

export type Health = {
  readonly version: string;
  /** The last migration that this version needs. */
  readonly schema: string;
  readonly database: "ok" | "unreachable" | "wrong_isolation_level" | "behind";
  readonly redis: "ok" | "unreachable";
  /** What to do, if anything. */
  readonly detail?: string;
};

/** Asks both services whether they are reachable, and the database whether it has what this version needs. */
export async function checkHealth({ db, redis, log }: Deps): Promise<Health> {
  const [state, pong] = await Promise.allSettled([findDatabaseState(db), findRedisState(redis)]);
  const health = {
    version: VERSION,
    schema: SCHEMA,
    database: "ok",
    redis: pong.status === "fulfilled" ? "ok" : "unreachable",
  } as const;
  if (state.status === "rejected") return { ...health, database: "unreachable" };
  const { isolationLevel, missing } = state.value;
  if (isolationLevel !== "read committed") return { ...health, database: "wrong_isolation_level" };
  if (missing.length === 0) return health;
  const detail = `This version is ahead of its database, which lacks ${missing.join(", ")}. Run npm run db:migrate.`;
  log({ level: "error", event: "database_behind", detail });
  return { ...health, database: "behind", detail };
}
