import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { parseForm } from "../../lib/form.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppEnv } from "../app-env.ts";

/** Refuses a query that no page of ours links to: bad escapes, what isn't UTF-8, and NUL, which Postgres can't take. */
export const wellFormedQuery = createMiddleware<AppEnv>(async (c, next) => {
  const query = parseForm(rawQuery(c));
  if (!query || query.flat().some((part) => part.includes("\0") || part.length > 4000)) {
    throw new OAuthError("invalid_request", "The link is malformed.");
  }
  await next();
});

/** The query as it was sent. The URL is not parsed for it: its host is whatever a client named. */
export const rawQuery = (c: Context): string => c.req.raw.url.split("?").slice(1).join("?").split("#")[0] ?? "";
