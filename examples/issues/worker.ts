import { env, waitUntil } from "cloudflare:workers";
import { type GatehouseBinding, gatehouseSink } from "@gatehouse-auth/resource-server";
import { resourceServer } from "@gatehouse-auth/resource-server/hono";
import { protectTools } from "@gatehouse-auth/resource-server/mcp";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { Hono } from "hono";
import { access } from "./access.ts";
import { registerTools } from "./tools.ts";

type Env = Readonly<Record<"ISSUER" | "RESOURCE" | "RESOURCE_ID" | "INTROSPECTION_SECRET" | "GITHUB_API", string>> & {
  readonly GATEHOUSE?: GatehouseBinding;
};
const settings = env as Env;

const gatehouse = resourceServer({
  resource: settings.RESOURCE,
  issuer: settings.ISSUER,
  credential: { id: settings.RESOURCE_ID, secret: settings.INTROSPECTION_SECRET },
  binding: settings.GATEHOUSE,
  name: "Issues",
  access,
  waitUntil,
});

const mcp = createMcpHandler(
  protectTools(gatehouse, {
    server: { name: "issues", version: "1.0.0" },
    audit: gatehouseSink(gatehouse),
    register: registerTools(settings.GITHUB_API),
  }),
);

const app = new Hono();
app.use(gatehouse.metadata(), gatehouse.secure());
app.all("/mcp", gatehouse.bearerAuth(), (c) => mcp.fetch(c.req.raw, { authInfo: c.var.auth }));

export default app;
