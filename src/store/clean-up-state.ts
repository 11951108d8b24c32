import type { Redis } from "./redis.ts";

/** Where the next run of the clean-up begins, and until when it may rest (milliseconds since 1970). */
type CleanUpState = { readonly next: string; readonly restsUntil: number };

const KEY = "clean-up";
const KEEP_SECONDS = 7 * 24 * 60 * 60;

/** The state that the last run left, or null. It is in Redis, since a query would wake a sleeping database. */
export async function findCleanUpState(redis: Redis): Promise<CleanUpState | null> {
  const [, next, restsUntil] = /^([a-z_]*) (\d+)$/.exec((await redis.ask<string | null>("GET", KEY)) ?? "") ?? [];
  return next !== undefined && restsUntil ? { next, restsUntil: Number(restsUntil) } : null;
}

export async function updateCleanUpState(redis: Redis, { next, restsUntil }: CleanUpState): Promise<void> {
  await redis.ask("SET", KEY, `${next} ${restsUntil}`, "EX", KEEP_SECONDS);
}
