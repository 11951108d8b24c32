import { createMiddleware } from "hono/factory";
import {
  countRequest,
  enforceLimit,
  findLimitUsedUp,
  type Limited,
  type LimitName,
  secondsUntilReset,
} from "../../flows/rate-limit.ts";
import type { RateLimitState } from "../../store/rate-limits.ts";
import type { AppContext, AppEnv } from "../app-env.ts";

type Buckets = (c: AppContext) => readonly Limited[];

/** Counts the request before anything else is done. */
export const rateLimit = (buckets: Buckets) =>
  createMiddleware<AppEnv>(async (c, next) => {
    tellAndEnforce(c, await countRequest(c.var.deps, buckets(c)));
    await next();
  });

/**
 * Counts the request while it is being answered, so that the two round trips take no longer than one. A caller that
 * this isolate knows to be over the limit is refused before either. For the others, the limit only matters if the gate
 * refused them. A success is still answered, since a good credential is no guess, and later requests of that caller are
 * refused. Records of refusals, and work that strangers could make costly, wait for the count (`deps.admitted`).
 */
export const rateLimitBeside = (buckets: Buckets) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const { deps } = c.var;
    const limited = buckets(c);
    tellAndEnforce(c, findLimitUsedUp(deps, limited));
    const counting = countRequest(deps, limited);
    c.set("deps", { ...deps, admitted: async () => enforceLimit(deps, await counting) });
    await next();
    const state = await counting;
    tell(c, state);
    if (c.res.status >= 400) enforceLimit(deps, state);
  });

export const limit = (name: LimitName) => rateLimit(() => [{ name }]);
export const limitBeside = (name: LimitName) => rateLimitBeside(() => [{ name }]);

/** Shows the state of the limit in headers (draft-ietf-httpapi-ratelimit-headers §3 and §4), and throws 429 past it. */
function tellAndEnforce(c: AppContext, state: RateLimitState | null): void {
  tell(c, state);
  enforceLimit(c.var.deps, state);
}

function tell(c: AppContext, state: RateLimitState | null): void {
  if (!state) return;
  const { limit, remaining } = state;
  c.header("RateLimit-Policy", `"${limit.name}";q=${limit.requests};w=${limit.seconds}`);
  c.header("RateLimit", `"${limit.name}";r=${Math.max(0, remaining)};t=${secondsUntilReset(c.var.deps, state)}`);
}
