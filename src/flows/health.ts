import type { Deps } from "../deps.ts";
import { findIsolationLevel, findRedisState } from "../store/health.ts";

export type Health = {
  readonly database: "ok" | "unreachable" | "wrong_isolation_level";
  readonly redis: "ok" | "unreachable";
};

/** Asks both services whether they are there. */
export async function checkHealth({ db, redis }: Deps): Promise<Health> {
  const [level, pong] = await Promise.allSettled([findIsolationLevel(db), findRedisState(redis)]);
  return {
    database:
      level.status === "rejected" ? "unreachable" : level.value === "read committed" ? "ok" : "wrong_isolation_level",
    redis: pong.status === "fulfilled" ? "ok" : "unreachable",
  };
}
