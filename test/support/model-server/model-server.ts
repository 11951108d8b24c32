import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { stopServer } from "../../../src/dev/json-server.ts";
import { createAuthorization } from "./authorization.ts";
import { GOOD, type Rules } from "./rules.ts";
import { createTokens } from "./tokens.ts";

/** A test's change: a rule that the server breaks, or an answer that is altered. */
export type Changes = {
  readonly rules?: Partial<Rules>;
  readonly alter?: (answer: Response, request: Request) => Response | Promise<Response>;
};

export type ModelServer = { readonly origin: string; readonly mcp: string; readonly stop: () => Promise<void> };

/**
 * A small MCP server together with its authorization server, which does everything right that a test doesn't change.
 */
export async function startModelServer({ rules: changed = {}, alter }: Changes = {}): Promise<ModelServer> {
  const rules = { ...GOOD, ...changed };
  const server = createServer(async (incoming, outgoing) => {
    const request = await toRequest(incoming, origin);
    const answer = await handle(request);
    const { status, headers, body } = (await alter?.(answer, request)) ?? answer;
    outgoing.writeHead(status, Object.fromEntries(headers));
    // A client that goes away ends the body, too.
    if (body) await pipeline(body, outgoing).catch(() => {});
    else outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const mcp = origin + rules.path;
  const tokens = createTokens(rules);
  const authorization = createAuthorization({ origin, rules, tokens });

  async function handle(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    if (pathname.startsWith("/register/")) return new Response(null, { status: 204 });
    const routes: Readonly<Record<string, () => Response | Promise<Response>>> = {
      [rules.path || "/"]: () => callTool(request),
      [`/.well-known/oauth-protected-resource${rules.path}`]: () => Response.json(resource(), { headers: CORS }),
      "/.well-known/oauth-authorization-server": authorization.metadata,
      "/register": () => authorization.register(request),
      "/authorize": () => authorization.authorize(searchParams, false),
      "/allow": () => authorization.authorize(searchParams, true),
      "/token": () => authorization.token(request),
      "/revoke": () => authorization.revoke(request),
    };
    return routes[pathname]?.() ?? new Response("Nothing here.", { status: 404 });
  }

  const resource = () => ({ resource: mcp, authorization_servers: [origin], scopes_supported: ["read"] });
  const metadataUrl = `${origin}/.well-known/oauth-protected-resource${rules.path}`;
  const challenge = (error: string) =>
    new Response("{}", {
      status: 401,
      headers: {
        ...CORS,
        "Content-Type": "application/json",
        "WWW-Authenticate": `Bearer ${error}scope="read", resource_metadata="${metadataUrl}"`,
      },
    });

  function callTool(request: Request): Response {
    const inQuery = rules.takesTokenInQuery ? new URL(request.url).searchParams.get("access_token") : null;
    const token = request.headers.get("Authorization")?.replace(/^Bearer /, "") ?? inQuery;
    if (!token) return challenge("");
    if (!tokens.isGood(token, mcp)) return challenge('error="invalid_token", ');
    return Response.json({ jsonrpc: "2.0", id: 1, result: { serverInfo: { name: "model", version: "1" } } });
  }

  return { origin, mcp, stop: () => stopServer(server) };
}

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "WWW-Authenticate",
  "Access-Control-Allow-Headers": "authorization, content-type, mcp-protocol-version",
};

async function toRequest(incoming: IncomingMessage, origin: string): Promise<Request> {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = !["GET", "HEAD"].includes(method);
  return new Request(new URL(url, origin), {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(hasBody ? { body: new Uint8Array(await buffer(incoming)) } : {}),
  });
}
