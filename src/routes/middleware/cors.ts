import { cors as honoCors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import type { Config } from "../../config.ts";
import type { AppEnv } from "../app-env.ts";

const EXPOSED = ["WWW-Authenticate", "Retry-After", "X-Request-Id", "DPoP-Nonce"];

/**
 * CORS for the JSON endpoints. It allows the configured origins, in development any port of this machine, and never
 * `*`.
 */
export function cors({ corsOrigins, environment }: Config) {
  const isAllowed = (origin: string) =>
    corsOrigins.includes(origin) || (environment === "development" && isLocal(origin));
  const answerPreflight = honoCors({
    origin: (origin) => (isAllowed(origin) ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["Content-Type", "Authorization", "MCP-Protocol-Version", "DPoP"],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
  return createMiddleware<AppEnv>(async (c, next) => {
    if (c.req.method === "OPTIONS") return answerPreflight(c, next);
    const origin = c.req.header("Origin");
    if (origin !== undefined && isAllowed(origin)) c.header("Access-Control-Allow-Origin", origin);
    c.header("Access-Control-Expose-Headers", EXPOSED.join(","));
    c.header("Vary", "Origin");
    await next();
  });
}

const isLocal = (origin: string) => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);
