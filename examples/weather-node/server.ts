import { consoleSink } from "@gatehouse-auth/resource-server";
import { resourceServer } from "@gatehouse-auth/resource-server/express";
import { protectTools } from "@gatehouse-auth/resource-server/mcp";
import { upstashLimiter } from "@gatehouse-auth/resource-server/upstash";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { Redis } from "@upstash/redis";
import express from "express";
import { access } from "../weather/access.ts";
import { registerTools } from "../weather/tools.ts";

const { RESOURCE = "", ISSUER = "", RESOURCE_ID = "", INTROSPECTION_SECRET = "", PORT = "8789" } = process.env;

const gatehouse = resourceServer({
  resource: RESOURCE,
  issuer: ISSUER,
  credential: { id: RESOURCE_ID, secret: INTROSPECTION_SECRET },
  name: "Weather",
  access,
});

const mcp = createMcpHandler(
  protectTools(gatehouse, {
    server: { name: "weather", version: "1.0.0" },
    limit: upstashLimiter({ redis: Redis.fromEnv(), prefix: "weather" }),
    perMinute: 60,
    audit: consoleSink,
    register: registerTools,
  }),
);

const app = express();
app.use(gatehouse.metadata(), gatehouse.secure());
app.all("/mcp", gatehouse.bearerAuth(), toNodeHandler(mcp));
app.listen(Number(PORT), "127.0.0.1", () => console.log(`The weather is at ${RESOURCE}`));
