import { Ratelimit } from "@upstash/ratelimit";
import { askRedis, type Redis } from "./redis.ts";

export type RateLimit = { readonly name: string; readonly requests: number; readonly seconds: number };

export type RateLimitState = {
  readonly limit: RateLimit;
  readonly allowed: boolean;
  readonly remaining: number;
  /** Milliseconds since 1970. */
  readonly resetAt: number;
};

/** Keys that are over their limit are refused from memory until it resets, which costs no round trip. */
const blocked = new Map<string, number>();

/** Counts a request against a sliding window. */
export async function consumeRateLimit(redis: Redis, limit: RateLimit, key: string, cost = 1): Promise<RateLimitState> {
  const limiter = new Ratelimit({
    redis,
    limiter: Ratelimit.slidingWindow(limit.requests, `${limit.seconds} s`),
    prefix: `rate:${limit.name}`,
    ephemeralCache: blocked,
    // The Redis client has a shorter one, and a limit that could not be asked must not look like one that allowed.
    timeout: 0,
  });
  const { success, remaining, reset } = await askRedis(() => limiter.limit(key, { rate: cost }));
  return { limit, allowed: success, remaining, resetAt: reset };
}
