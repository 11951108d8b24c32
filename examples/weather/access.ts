import { defineAccess, resourceDocument } from "@gatehouse-auth/resource-server";

/** Who may do what. `npm run example:document` makes `gatehouse.resource.json` from it. */
export const access = defineAccess({
  scopes: {
    "weather:read": "Look up the weather",
    "weather:report": { description: "Report the weather", implies: ["weather:read"], default: false },
  },
  tools: {
    get_weather: { scopes: ["weather:read"] },
    report_weather: { scopes: ["weather:report"], perMinute: 5, auditArguments: ["city"] },
  },
});

export const document = resourceDocument(access, {
  resource: "https://weather.example.workers.dev/mcp",
  name: "Weather",
});
