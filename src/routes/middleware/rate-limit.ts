import { createMiddleware } from "hono/factory";
import { countRequest, enforceLimit, type Limited, secondsUntilReset } from "../../flows/rate-limit.ts";
import type { RateLimitState } from "../../store/rate-limits.ts";
import type { AppContext, AppEnv } from "../app-env.ts";

type Buckets = (c: AppContext) => readonly Limited[];

/** Counts the request before anything is done about it. */
export const rateLimit = (buckets: Buckets) =>
  createMiddleware<AppEnv>(async (c, next) => {
    tellAndEnforce(c, await countRequest(c.var.deps, buckets(c)));
    await next();
  });

/**
 * Counts the request while it is being answered, so that the two round trips overlap. Who is known here to be over the limit
 * is refused at once, and what strangers could make costly waits for the count (`deps.admitted`).
 */
export const rateLimitBeside = (buckets: Buckets) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const { deps } = c.var;
    const counting = countRequest(deps, buckets(c));
    // What is answered from memory is there before anything else has had its turn.
    const known = await Promise.race([counting, scheduler.wait(0)]);
    if (known) tellAndEnforce(c, known);
    c.set("deps", { ...deps, admitted: async () => enforceLimit(deps, await counting) });
    await next();
    tellAndEnforce(c, await counting);
  });

/** Tells the state in headers (draft-ietf-httpapi-ratelimit-headers §3 and §4), and throws 429 past the limit. */
function tellAndEnforce(c: AppContext, state: RateLimitState | null): void {
  if (!state) return;
  const { limit, remaining } = state;
  c.header("RateLimit-Policy", `"${limit.name}";q=${limit.requests};w=${limit.seconds}`);
  c.header("RateLimit", `"${limit.name}";r=${Math.max(0, remaining)};t=${secondsUntilReset(c.var.deps, state)}`);
  enforceLimit(c.var.deps, state);
}
