import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { parseForm } from "../../lib/form.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppEnv } from "../app-env.ts";

const MAX_LENGTH = 4000;
/** Long enough for a whole authorization request. */
const MAX_SEALED = 32_000;

/**
 * Refuses a query that no page of ours links to, for bad escapes, invalid UTF-8, or NUL, which Postgres can't store.
 */
export const wellFormedQuery = createMiddleware<AppEnv>(async (c, next) => {
  const query = parseForm(rawQuery(c));
  const isMalformed = ([name, value]: [string, string]) =>
    `${name}${value}`.includes("\0") ||
    name.length > MAX_LENGTH ||
    value.length > (name === "continue" ? MAX_SEALED : MAX_LENGTH);
  if (!query || query.some(isMalformed)) {
    throw new OAuthError("invalid_request", "The link is malformed.");
  }
  await next();
});

/** The query as it was sent. It isn't taken from a parsed URL, because the client chose that URL's host. */
export const rawQuery = (c: Context): string => c.req.raw.url.replace(/^[^?]*\??|#.*$/gs, "");

/** The path as it was sent, for the same reason. */
export const rawPath = (c: Context): string => c.req.raw.url.replace(/^\w+:\/\/[^/?#]*/, "").split(/[?#]/)[0] || "/";
