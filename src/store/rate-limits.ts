import { RATE_LIMIT_SCRIPT } from "./rate-limit-script.ts";
import type { Redis } from "./redis.ts";

export type RateLimit = {
  readonly name: string;
  /** Whose requests are counted. */
  readonly key: string;
  readonly requests: number;
  readonly seconds: number;
  /** How many requests this one counts for, by default 1. */
  readonly cost?: number;
};

export type RateLimitState = {
  readonly limit: RateLimit;
  readonly allowed: boolean;
  readonly remaining: number;
  /** When there is room again. Milliseconds since 1970. */
  readonly resetAt: number;
};

/** Which limits are used up, and until when, as far as this isolate knows, so that a flood costs no round trips. */
const usedUp = new WeakMap<Redis, Map<string, number>>();
const MAX_REMEMBERED = 10_000;

/** The first of these limits that this isolate knows to be used up. */
export function findUsedUp(redis: Redis, limits: readonly RateLimit[], now: Date): RateLimitState | null {
  for (const limit of limits) {
    const resetAt = usedUp.get(redis)?.get(keyOf(limit)) ?? 0;
    if (resetAt > now.getTime()) return { limit, allowed: false, remaining: 0, resetAt };
  }
  return null;
}

/**
 * Counts a request in all of these limits, or in none if it exceeds one. Returns the exceeded limit, or else the
 * fullest.
 */
export async function consumeRateLimits(
  redis: Redis,
  limits: readonly RateLimit[],
  now: Date,
): Promise<RateLimitState | null> {
  const numbers = limits.flatMap(({ requests, seconds, cost = 1 }) => [requests, seconds * 1000, cost]);
  const [passed = 0, ...counted] = await redis.run<number[]>(RATE_LIMIT_SCRIPT, limits.map(keyOf), [
    now.getTime(),
    limits.length,
    ...numbers,
  ]);
  const states = limits.slice(0, passed || limits.length).map((limit, index) => ({
    limit,
    allowed: index + 1 !== passed,
    remaining: counted[2 * index] ?? 0,
    resetAt: counted[2 * index + 1] ?? 0,
  }));
  for (const state of states) if (state.remaining === 0) remember(redis, state, now);
  const fullest = passed ? states.at(-1) : states.toSorted((a, b) => a.remaining - b.remaining)[0];
  return fullest ?? null;
}

function remember(redis: Redis, { limit, resetAt }: RateLimitState, now: Date): void {
  const remembered = usedUp.get(redis) ?? new Map<string, number>();
  usedUp.set(redis, remembered);
  if (remembered.size >= MAX_REMEMBERED) {
    for (const [key, until] of remembered) if (until <= now.getTime()) remembered.delete(key);
    // Still full, so the oldest entry goes. It costs a round trip if its caller comes again.
    for (const key of remembered.keys()) {
      if (remembered.size < MAX_REMEMBERED) break;
      remembered.delete(key);
    }
  }
  remembered.set(keyOf(limit), resetAt);
}

const keyOf = ({ name, key }: RateLimit) => `rate:${name}:${key}`;
