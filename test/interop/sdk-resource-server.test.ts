import { createServer } from "node:http";
import { requireBearerAuth as requireBearerAuthInExpress } from "@modelcontextprotocol/express";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { requireBearerAuth as requireBearerAuthV1 } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import {
  createMcpHandler,
  getOAuthProtectedResourceMetadataUrl,
  requireBearerAuth,
} from "@modelcontextprotocol/server";
import express from "express";
import { afterAll, describe, expect, test, vi } from "vitest";
import { access } from "../../examples/weather/access.ts";
import { registerTools } from "../../examples/weather/tools.ts";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { authOf } from "../../src/resource-server/express.ts";
import { protectTools, tokenVerifier } from "../../src/resource-server/mcp.ts";
import { tokenVerifier as tokenVerifierV1 } from "../../src/resource-server/mcp-v1.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { gatehouseSink } from "../../src/resource-server/tool-calls.ts";
import { createMcpHost } from "../support/mcp-client.ts";
import { grantTokens, registerClient } from "../support/oauth-client.ts";
import { bearer, protectedOptions } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, person, browser } = await ownScene();
const port = await findFreePort();
const uri = `http://localhost:${port}/mcp`;
const server = resourceServer(await protectedOptions(gatehouse, uri, access));
const options = {
  verifier: tokenVerifier(server),
  requiredScopes: ["weather:read"],
  resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(new URL(uri)),
  expectedResource: new URL(uri),
};
const mcp = createMcpHandler(
  protectTools(server, {
    server: { name: "weather", version: "1" },
    audit: gatehouseSink(server),
    register: registerTools,
  }),
);

describe("requireBearerAuth of the SDK's Express package", async () => {
  const app = express();
  app.use((request, response, next) => {
    void server.metadataResponse(new Request(new URL(request.originalUrl, uri))).then(async (answer) => {
      if (answer) response.type("json").send(await answer.text());
      else next();
    });
  });
  app.all("/mcp", requireBearerAuthInExpress(options), toNodeHandler(mcp));
  const listening = createServer(app);
  await new Promise<void>((resolve) => listening.listen(port, "127.0.0.1", resolve));
  afterAll(() => stopServer(listening));

  test("K1 the SDK's client signs in and steps up for a tool, and Gatehouse logs each call", async () => {
    const host = createMcpHost(uri, browser, person);
    expect((await host.callTool("get_weather", { city: "Lisbon" })).text).toBe("19 °C, clear");
    expect((await host.callTool("report_weather", { city: "Lisbon", sky: "rain" })).text).toContain(person.email);
    expect((await host.callTool("get_weather", { city: "<script>" })).isError).toBe(true);
    expect(host.asked()).toBe(2);
    const query = { name: "tool_called", email: person.email, clientId: null, days: null, before: null, limit: 10 };
    const { events } = (await readAuditEvents(gatehouse.owner, query)) as { events: { details: object }[] };
    expect(events.map(({ details }) => details).reverse()).toEqual([
      { tool: "get_weather", outcome: "ok", duration_ms: expect.any(Number) },
      ...["insufficient_scope", "ok"].map((outcome) => ({
        ...{ tool: "report_weather", outcome, duration_ms: expect.any(Number), arguments: { city: "Lisbon" } },
      })),
      { tool: "get_weather", outcome: "invalid_input", duration_ms: expect.any(Number) },
    ]);
  });
});

describe("requireBearerAuth of the SDK for web-standard handlers", () => {
  const gate = requireBearerAuth(options);
  const client = registerClient(gatehouse);
  const statusWith = async (token: string) => {
    const answer = await gate(new Request(uri, { headers: bearer(token) }));
    return answer instanceof Response ? [answer.status, ((await answer.json()) as { error: string }).error] : answer;
  };
  const grant = async (scope: string) =>
    (await grantTokens(gatehouse, browser, await client, { resource: uri, scope })).access_token;

  test("K1 a good token passes, and the handler is told whose it is", async () => {
    expect(await statusWith(await grant("weather:read"))).toMatchObject({
      subject: person.id,
      scopes: ["weather:read"],
    });
    expect(await statusWith(await grant("weather:report"))).toMatchObject({
      scopes: ["weather:report", "weather:read"],
    });
  });

  test("K3 a bad token and one for another resource are 401", async () => {
    const { access_token } = await grantTokens(gatehouse, browser, await client);
    expect(await statusWith("junk")).toEqual([401, "invalid_token"]);
    expect(await statusWith(access_token)).toEqual([401, "invalid_token"]);
  });

  test("K3 an outage is reported as an error of the server, so that clients keep their tokens", async () => {
    const token = await grant("weather:read");
    gatehouse.services.neon.inject("refuse");
    expect(await statusWith(token)).toEqual([500, "server_error"]);
    gatehouse.services.neon.reset();
  });
});

describe("requireBearerAuth of SDK 1.x", async () => {
  const app = express();
  app.all("/mcp", requireBearerAuthV1({ ...options, verifier: tokenVerifierV1(server) }), (request, response) => {
    response.json({ auth: authOf(request) });
  });
  const listening = createServer(app);
  const portV1 = await findFreePort();
  await new Promise<void>((resolve) => listening.listen(portV1, "127.0.0.1", resolve));
  afterAll(() => stopServer(listening));
  const client = registerClient(gatehouse);
  const grant = async (scope: string) =>
    (await grantTokens(gatehouse, browser, await client, { resource: uri, scope })).access_token;
  const ask = async (token: string) => {
    const answer = await fetch(`http://127.0.0.1:${portV1}/mcp`, { headers: bearer(token) });
    const { error, auth } = (await answer.json()) as { error?: string; auth?: { subject: string } };
    return [answer.status, error ?? auth?.subject];
  };

  test("K1 a bad token is 401, a good one passes, and an outage is reported as an error of the server", async () => {
    const token = await grant("weather:read");
    expect(await ask("junk")).toEqual([401, "invalid_token"]);
    expect(await ask(token)).toEqual([200, person.id]);
    gatehouse.services.neon.inject("refuse");
    expect(await ask(token)).toEqual([500, "server_error"]);
    gatehouse.services.neon.reset();
  });
});

test("K3 a record of tool calls that Gatehouse refuses goes to the console", async () => {
  const logged = vi.spyOn(console, "log").mockImplementation(() => {});
  const call = {
    tool: "t",
    subject: "s",
    clientId: "c",
    tokenId: "0".repeat(32),
    outcome: "ok",
    durationMs: 1,
  } as const;
  await gatehouseSink(server)({ ...call, address: null, arguments: {} });
  expect(logged.mock.calls.map(([line]) => JSON.parse(line))).toMatchObject([{ event: "tool_called", subject: "s" }]);
  logged.mockRestore();
});
