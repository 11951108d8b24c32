import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { text } from "node:stream/consumers";
import type { FaultyWork } from "./faults.ts";

export type JsonAnswer = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };
type JsonHandler = (path: string, body: unknown, headers: IncomingHttpHeaders) => Promise<JsonAnswer>;

/** A loopback HTTP server that takes and returns JSON, under faults. */
export async function startJsonServer(port: number, faults: FaultyWork, handle: JsonHandler): Promise<Server> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = await faults.run(body, request.socket, () =>
      handle(request.url ?? "/", parse(body), request.headers).catch(
        (error): JsonAnswer => ({ status: 500, body: { message: String(error) } }),
      ),
    );
    if (answer === null) return;
    const {
      status,
      body: result,
      headers,
    } = answer === "error_500" ? { status: 500, body: "broken", headers: {} } : answer;
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(result));
  });
  // A kept-alive connection that closes between two requests would look like an outage to the Worker.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return server;
}

/** Stops listening and closes open connections. */
export const stopServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
