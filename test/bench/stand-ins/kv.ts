import { createServer, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { createFaults, type Faults } from "../../../src/dev/faults.ts";
import { stopServer } from "../../../src/dev/json-server.ts";

export type KvStandIn = { readonly port: number; readonly faults: Faults; readonly stop: () => Promise<void> };

type Entry = { readonly value: Buffer; readonly metadata: string | undefined; readonly expiresAt: number };

/** Workers KV in workerd's protocol: a binding's calls become HTTP requests to the service that the binding names. */
export async function startKv(port: number): Promise<KvStandIn> {
  const entries = new Map<string, Entry>();
  const faults = createFaults();
  const server = createServer(async (request, response) => {
    const value = await buffer(request);
    const url = new URL(request.url ?? "/", "http://kv");
    const key = decodeURIComponent(url.pathname.slice(1));
    await faults.run(key, request.socket, async () => {
      if (request.method === "PUT") {
        const metadata = request.headers["cf-kv-metadata"] as string | undefined;
        entries.set(key, { value, metadata, expiresAt: readExpiry(url.searchParams) });
        response.writeHead(200).end();
      } else if (request.method === "DELETE") {
        entries.delete(key);
        response.writeHead(204).end();
      } else if (key === "") response.writeHead(200).end(listKeys(entries, url.searchParams.get("prefix") ?? ""));
      else answerValue(response, entries.get(key));
    });
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return { port, faults, stop: () => stopServer(server) };
}

/** When an entry expires, in milliseconds since 1970. */
function readExpiry(options: URLSearchParams): number {
  const [ttl, expiration] = [options.get("expiration_ttl"), options.get("expiration")];
  if (ttl) return Date.now() + Number(ttl) * 1000;
  return expiration ? Number(expiration) * 1000 : Number.POSITIVE_INFINITY;
}

function listKeys(entries: ReadonlyMap<string, Entry>, prefix: string): string {
  const keys = [...entries.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name }));
  return JSON.stringify({ keys, list_complete: true });
}

function answerValue(response: ServerResponse, found: Entry | undefined): void {
  if (!found || found.expiresAt <= Date.now()) response.writeHead(404).end();
  else response.writeHead(200, found.metadata ? { "CF-KV-Metadata": found.metadata } : {}).end(found.value);
}
