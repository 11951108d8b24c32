import { createServer } from "node:http";
import express from "express";
import { Hono } from "hono";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { type Access, MCP_ACCESS, resourceDocument } from "../../src/resource-server/access-table.ts";
import type { Auth } from "../../src/resource-server/auth.ts";
import { authOf, resourceServer as expressResourceServer } from "../../src/resource-server/express.ts";
import { resourceServer as honoResourceServer } from "../../src/resource-server/hono.ts";
import type { ResourceServerOptions } from "../../src/resource-server/options.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import type { ScopeRequirement } from "../../src/resource-server/scope-requirement.ts";
import type { Gatehouse } from "./gatehouse.ts";

/** Registers a resource of its own at Gatehouse. Returns the options of a server that it protects. */
export async function protectedOptions(
  gatehouse: Gatehouse,
  uri = `https://${crypto.randomUUID()}.example/mcp`,
  access: Access = MCP_ACCESS,
): Promise<ResourceServerOptions> {
  const document = JSON.stringify(resourceDocument(access, { resource: uri, name: "Protected" }));
  const applied = await applyResource(gatehouse.owner, document, { uri: null, isDefault: false });
  if ("problem" in applied || applied.outcome !== "added") throw new Error(JSON.stringify(applied));
  const credential = { id: applied.id, secret: applied.secret };
  return { resource: uri, issuer: gatehouse.issuer, credential, name: "Protected", access };
}

/** A client's request to wherever the adapter under test listens. */
export type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** What a protected handler answers: the caller. */
const whoCalls = (auth: object) => Response.json({ auth });

export const ADAPTERS = ["fetch", "Hono", "Express"] as const;

/** Runs a server whose `/mcp` requires the scopes, with each of the adapters. */
export async function startAdapter(
  adapter: (typeof ADAPTERS)[number],
  options: ResourceServerOptions,
  scopes: readonly ScopeRequirement[] = [],
  answer: (auth: Auth) => Response | Promise<Response> = whoCalls,
): Promise<{ readonly send: Send; readonly stop: () => Promise<void> }> {
  const { origin } = new URL(options.resource);
  const noStop = async () => {};
  if (adapter === "fetch") {
    const handle = resourceServer(options).protect((_, auth) => answer(auth), ...scopes);
    return { send: (path, init) => handle(new Request(origin + path, init)), stop: noStop };
  }
  if (adapter === "Hono") {
    const gatehouse = honoResourceServer(options);
    const app = new Hono();
    app.use(gatehouse.metadata(), gatehouse.secure());
    app.all("/mcp", gatehouse.bearerAuth(...scopes), async (c) => {
      await c.req.text();
      return answer(c.var.auth);
    });
    return { send: async (path, init) => app.fetch(new Request(origin + path, init)), stop: noStop };
  }
  const gatehouse = expressResourceServer(options);
  const app = express();
  app.use(gatehouse.metadata(), gatehouse.secure());
  app.all("/mcp", gatehouse.bearerAuth(...scopes), async (request, response) => {
    response.json(await (await answer(authOf(request))).json());
  });
  const server = createServer(app);
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    send: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual", ...init }),
    stop: () => stopServer(server),
  };
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
