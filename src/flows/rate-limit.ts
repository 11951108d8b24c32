import type { Deps } from "../deps.ts";
import { rateLimitKey } from "../lib/client-address.ts";
import { isUnavailable } from "../lib/unavailable.ts";
import { OAuthError } from "../oauth/errors.ts";
import { consumeRateLimit, type RateLimitState } from "../store/rate-limits.ts";

/** What is limited, each by a number of its own. */
export type LimitName = keyof NonNullable<Deps["config"]["limits"]>;

export type Limited = {
  readonly name: LimitName;
  /** What beside the caller's address tells one bucket from another. */
  readonly also?: string;
  /** What is counted instead of the address. */
  readonly whose?: string;
  /** How many requests it counts for. */
  readonly cost?: number;
};

/**
 * Counts a request in its buckets, in one round trip, and tells the fullest; null where limits are off or can't be
 * asked: an outage of the counter must not become one of the server.
 */
export async function countRequest(deps: Deps, limited: readonly Limited[]): Promise<RateLimitState | null> {
  const { limits } = deps.config;
  if (!limits || limited.length === 0) return null;
  const address = rateLimitKey(deps.caller.address ?? "");
  try {
    const states = await Promise.all(
      limited.map(({ name, also, whose = address, cost }) => {
        const limit = { name, requests: limits[name], seconds: 60 };
        return consumeRateLimit(deps.redis, limit, also ? `${whose} ${also}` : whose, cost);
      }),
    );
    return states.reduce((fullest, state) => (isFuller(state, fullest) ? state : fullest));
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    deps.log({ level: "warn", event: "rate_limit_skipped", limit: limited[0]?.name ?? "" });
    return null;
  }
}

const isFuller = (state: RateLimitState, other: RateLimitState) =>
  state.allowed === other.allowed ? state.remaining < other.remaining : !state.allowed;

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
