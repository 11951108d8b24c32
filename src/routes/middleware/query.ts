import { createMiddleware } from "hono/factory";
import { parseForm } from "../../lib/form.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppEnv } from "../app-env.ts";

/** Refuses a query that no page of ours links to: bad escapes, what isn't UTF-8, and NUL, which Postgres can't take. */
export const wellFormedQuery = createMiddleware<AppEnv>(async (c, next) => {
  const query = parseForm(new URL(c.req.url).search.slice(1));
  if (!query || query.flat().some((part) => part.includes("\0") || part.length > 4000)) {
    throw new OAuthError("invalid_request", "The link is malformed.");
  }
  await next();
});
