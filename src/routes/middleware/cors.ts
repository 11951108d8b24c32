import { cors as honoCors } from "hono/cors";
import type { Config } from "../../config.ts";

/** CORS for the JSON endpoints: the configured origins, in development any port of this machine, never `*`. */
export const cors = ({ corsOrigins, environment }: Config) =>
  honoCors({
    origin: (origin) =>
      corsOrigins.includes(origin) || (environment === "development" && isLocal(origin)) ? origin : null,
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["Content-Type", "Authorization", "MCP-Protocol-Version", "DPoP"],
    exposeHeaders: ["WWW-Authenticate", "Retry-After"],
    maxAge: 600,
  });

const isLocal = (origin: string) => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);
