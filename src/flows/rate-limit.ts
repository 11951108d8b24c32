import type { Deps } from "../deps.ts";
import { rateLimitKey } from "../lib/client-address.ts";
import { isUnavailable } from "../lib/unavailable.ts";
import { OAuthError } from "../oauth/errors.ts";
import { consumeRateLimits, findUsedUp, type RateLimit, type RateLimitState } from "../store/rate-limits.ts";

/** The kinds of limits, each with a number of its own. */
export type LimitName = keyof NonNullable<Deps["config"]["limits"]>;

export type Limited = {
  readonly name: LimitName;
  /** What tells buckets apart, beside the caller's address. */
  readonly also?: string;
  /** What is counted instead of the address. */
  readonly whose?: string;
  /** How many requests it counts for. */
  readonly cost?: number;
};

/** The period of a limit, if it isn't a minute. */
const SECONDS: Partial<Record<LimitName, number>> = { registerDay: 24 * 60 * 60 };

/** The limits that a request falls under, with their numbers. Empty if limits are off. */
function limitsOf({ config: { limits }, caller }: Deps, limited: readonly Limited[]): RateLimit[] {
  if (!limits) return [];
  const address = rateLimitKey(caller.address ?? "");
  return limited.map(({ name, also, whose = address, cost = 1 }) => ({
    name,
    key: also ? `${whose} ${also}` : whose,
    requests: limits[name],
    seconds: SECONDS[name] ?? 60,
    cost,
  }));
}

/** Whether this isolate knows a limit to be used up, without a round trip. */
export const findLimitUsedUp = (deps: Deps, limited: readonly Limited[]): RateLimitState | null =>
  findUsedUp(deps.redis, limitsOf(deps, limited), deps.now());

/**
 * Counts a request in its buckets, in one round trip, and returns the fullest. Null if limits are off or can't be
 * counted, since an outage of the counter must not become one of the server.
 */
export async function countRequest(deps: Deps, limited: readonly Limited[]): Promise<RateLimitState | null> {
  const limits = limitsOf(deps, limited);
  if (limits.length === 0) return null;
  const known = findUsedUp(deps.redis, limits, deps.now());
  if (known) return known;
  try {
    return await consumeRateLimits(deps.redis, limits, deps.now());
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    deps.log({ level: "warn", event: "rate_limit_skipped", limit: limited[0]?.name ?? "" });
    return null;
  }
}

export const secondsUntilReset = ({ now }: Deps, { resetAt }: RateLimitState): number =>
  Math.max(1, Math.ceil((resetAt - now().getTime()) / 1000));

/** Throws 429 past the limit. */
export function enforceLimit(deps: Deps, state: RateLimitState | null): void {
  if (!state || state.allowed) return;
  throw tooManyRequests(secondsUntilReset(deps, state));
}

export const tooManyRequests = (seconds: number): OAuthError =>
  new OAuthError("temporarily_unavailable", `Too many requests. Try again in ${seconds} seconds.`, {
    status: 429,
    reason: "rate_limited",
    retryAfterSeconds: seconds,
  });
