import { env, waitUntil } from "cloudflare:workers";
import { type GatehouseBinding, gatehouseSink } from "@gatehouse-auth/resource-server";
import { resourceServer } from "@gatehouse-auth/resource-server/hono";
import { protectTools } from "@gatehouse-auth/resource-server/mcp";
import { upstashLimiter } from "@gatehouse-auth/resource-server/upstash";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { Redis } from "@upstash/redis/cloudflare";
import { Hono } from "hono";
import { access } from "./access.ts";
import { registerTools } from "./tools.ts";

type Env = Readonly<Record<"ISSUER" | "RESOURCE" | "RESOURCE_ID" | "INTROSPECTION_SECRET", string>> & {
  readonly GATEHOUSE?: GatehouseBinding;
  readonly UPSTASH_REDIS_REST_URL: string;
  readonly UPSTASH_REDIS_REST_TOKEN: string;
};
const settings = env as Env;

const gatehouse = resourceServer({
  resource: settings.RESOURCE,
  issuer: settings.ISSUER,
  credential: { id: settings.RESOURCE_ID, secret: settings.INTROSPECTION_SECRET },
  binding: settings.GATEHOUSE,
  name: "Weather",
  access,
  waitUntil,
});

const redis = new Redis({ url: settings.UPSTASH_REDIS_REST_URL, token: settings.UPSTASH_REDIS_REST_TOKEN });

const mcp = createMcpHandler(
  protectTools(gatehouse, {
    server: { name: "weather", version: "1.0.0" },
    limit: upstashLimiter({ redis, prefix: "weather" }),
    perMinute: 60,
    audit: gatehouseSink(gatehouse),
    register: registerTools,
  }),
);

const app = new Hono();
app.use(gatehouse.metadata(), gatehouse.secure());
app.all("/mcp", gatehouse.bearerAuth(), (c) => mcp.fetch(c.req.raw, { authInfo: c.var.auth }));

export default app;
