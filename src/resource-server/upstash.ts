import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis";
import type { ToolLimiter } from "./tool-guard.ts";

/**
 * Counts calls in Upstash Redis, in sliding windows of a minute. Keys start with `prefix`, so that servers which share a
 * Redis don't share their limits.
 */
export function upstashLimiter({
  redis,
  prefix = "tools",
}: {
  readonly redis: Redis;
  readonly prefix?: string;
}): ToolLimiter {
  const limiters = new Map<number, Ratelimit>();
  const limiterOf = (perMinute: number): Ratelimit => {
    const limiter = new Ratelimit({ redis, prefix, limiter: Ratelimit.slidingWindow(perMinute, "60 s") });
    limiters.set(perMinute, limiter);
    return limiter;
  };
  return async ({ key, perMinute }) => {
    const { success, reset } = await (limiters.get(perMinute) ?? limiterOf(perMinute)).limit(key);
    return { allowed: success, retryAfterSeconds: Math.max(1, Math.ceil((reset - Date.now()) / 1000)) };
  };
}
