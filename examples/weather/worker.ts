import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { type AuthVariables, resourceServer } from "gatehouse/resource-server";
import { Hono } from "hono";
import { z } from "zod";

type Env = {
  readonly ISSUER: string;
  readonly RESOURCE: string;
  readonly RESOURCE_ID: string;
  readonly INTROSPECTION_SECRET: string;
};

const WEATHER: Readonly<Record<string, string>> = {
  berlin: "11 °C, light rain",
  lagos: "31 °C, humid, thunder in the evening",
  lisbon: "19 °C, clear",
  oslo: "2 °C, snow",
};

const gatehouse = resourceServer((env: Env) => ({
  resource: env.RESOURCE,
  issuer: env.ISSUER,
  credential: { id: env.RESOURCE_ID, secret: env.INTROSPECTION_SECRET },
  name: "Weather",
  scopes: ["mcp:tools"],
}));

const mcp = createMcpHandler(() => {
  const server = new McpServer({ name: "weather", version: "1.0.0" });
  server.registerTool(
    "get_weather",
    {
      description: "The weather in a city",
      inputSchema: z.object({ city: z.string().max(50).describe("Berlin, Lagos, Lisbon or Oslo") }),
    },
    ({ city }) => {
      const weather = WEATHER[city.trim().toLowerCase()];
      return weather
        ? { content: [{ type: "text", text: weather }] }
        : { content: [{ type: "text", text: "There is no weather for this city here." }], isError: true };
    },
  );
  return server;
});

const app = new Hono<{ Bindings: Env; Variables: AuthVariables }>();
app.use(gatehouse.metadata());
app.all("/mcp", gatehouse.bearerAuth("mcp:tools"), (c) => {
  const { token, clientId, scopes, expiresAt } = c.var.auth;
  return mcp.fetch(c.req.raw, { authInfo: { token, clientId, scopes: [...scopes], expiresAt } });
});

export default app;
