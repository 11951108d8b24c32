import { toolError } from "@gatehouse-auth/resource-server";
import { boundedString, closedEnum } from "@gatehouse-auth/resource-server/input";
import { authOf } from "@gatehouse-auth/resource-server/mcp";
import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

const weather = new Map([
  ["berlin", "11 °C, light rain"],
  ["lagos", "31 °C, humid, thunder in the evening"],
  ["lisbon", "19 °C, clear"],
  ["oslo", "2 °C, snow"],
]);

const city = boundedString({ max: 50, pattern: /^[\p{L} .'-]+$/u, what: "has characters that no city has" });

/** The tools, the same on Workers and on Node. */
export function registerTools(server: McpServer): void {
  server.registerTool(
    "get_weather",
    { description: "The weather in a city", inputSchema: z.object({ city }), annotations: { readOnlyHint: true } },
    ({ city }) => {
      const found = weather.get(city.toLowerCase());
      if (!found) return toolError("NOT_FOUND", `There is no weather for ${city}; try Berlin, Lagos, Lisbon or Oslo.`);
      return { content: [{ type: "text", text: found }] };
    },
  );
  server.registerTool(
    "report_weather",
    {
      description: "Says how the weather is",
      inputSchema: z.object({ city, sky: closedEnum("clear", "rain", "snow") }),
    },
    ({ city, sky }, context) => {
      if (!weather.has(city.toLowerCase())) return toolError("NOT_FOUND", `There is no weather for ${city}.`);
      weather.set(city.toLowerCase(), sky);
      return { content: [{ type: "text", text: `Thank you, ${authOf(context).username}.` }] };
    },
  );
}
