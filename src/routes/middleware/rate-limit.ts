import { createMiddleware } from "hono/factory";
import { countRequest, type Limited } from "../../flows/rate-limit.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { RateLimitState } from "../../store/rate-limits.ts";
import type { AppContext, AppEnv } from "../app-env.ts";

type Buckets = (c: AppContext) => readonly Limited[];

/** Counts the request before anything is done about it. */
export const rateLimit = (buckets: Buckets) =>
  createMiddleware<AppEnv>(async (c, next) => {
    enforce(c, await countRequest(c.var.deps, buckets(c)));
    await next();
  });

/** Counts the request while it is being answered; for those that only read, so that the two round trips overlap. */
export const rateLimitBeside = (buckets: Buckets) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const [state] = await Promise.all([countRequest(c.var.deps, buckets(c)), next()]);
    enforce(c, state);
  });

/** Tells the state in headers (draft-ietf-httpapi-ratelimit-headers §3 and §4), and throws 429 past the limit. */
function enforce(c: AppContext, state: RateLimitState | null): void {
  if (!state) return;
  const { limit, remaining, resetAt, allowed } = state;
  const seconds = Math.max(1, Math.ceil((resetAt - c.var.deps.now().getTime()) / 1000));
  c.header("RateLimit-Policy", `"${limit.name}";q=${limit.requests};w=${limit.seconds}`);
  c.header("RateLimit", `"${limit.name}";r=${Math.max(0, remaining)};t=${seconds}`);
  if (allowed) return;
  throw new OAuthError("temporarily_unavailable", `Too many requests. Try again in ${seconds} seconds.`, {
    status: 429,
    reason: "rate_limited",
    retryAfterSeconds: seconds,
  });
}
