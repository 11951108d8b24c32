import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { createFaults, type Faults } from "../../../src/dev/faults.ts";
import { stopServer } from "../../../src/dev/json-server.ts";

export type KvStandIn = { readonly port: number; readonly faults: Faults; readonly stop: () => Promise<void> };

type Entry = { readonly value: Buffer; readonly metadata: string | undefined; readonly expiresAt: number };

/** Workers KV as workerd asks for it: a binding's calls become HTTP requests to the service that the binding names. */
export async function startKv(port: number): Promise<KvStandIn> {
  const entries = new Map<string, Entry>();
  const faults = createFaults();
  const server = createServer(async (request, response) => {
    const value = await buffer(request);
    const url = new URL(request.url ?? "/", "http://kv");
    const key = decodeURIComponent(url.pathname.slice(1));
    await faults.run(key, request.socket, async () => {
      if (request.method === "PUT") {
        const ttl = url.searchParams.get("expiration_ttl");
        const expiration = url.searchParams.get("expiration");
        const expiresAt = ttl
          ? Date.now() + Number(ttl) * 1000
          : expiration
            ? Number(expiration) * 1000
            : Number.POSITIVE_INFINITY;
        entries.set(key, { value, metadata: request.headers["cf-kv-metadata"] as string | undefined, expiresAt });
        response.writeHead(200).end();
      } else if (request.method === "DELETE") {
        entries.delete(key);
        response.writeHead(204).end();
      } else if (key === "") {
        const prefix = url.searchParams.get("prefix") ?? "";
        const keys = [...entries.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name }));
        response.writeHead(200).end(JSON.stringify({ keys, list_complete: true }));
      } else {
        const found = entries.get(key);
        if (!found || found.expiresAt <= Date.now()) response.writeHead(404).end();
        else response.writeHead(200, found.metadata ? { "CF-KV-Metadata": found.metadata } : {}).end(found.value);
      }
    });
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return { port, faults, stop: () => stopServer(server) };
}
