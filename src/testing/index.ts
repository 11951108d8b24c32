import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmbeddedRedis } from "../dev/embedded-redis.ts";
import { findFreePort } from "../dev/ports.ts";
import { startUpstash } from "../dev/upstash.ts";
import { type AdminDeps, createOperatorDeps } from "../flows/admin/admin-deps.ts";
import { applyResource } from "../flows/admin/apply-resource.ts";
import { startDatabase } from "./database.ts";
import { createTokens } from "./tokens.ts";
import type { GatehouseOptions, ScopeDefinition, ServerDefinition, TestGatehouse, TestServer } from "./types.ts";
import { type PackedWorker, startWorker } from "./worker.ts";

export type * from "./types.ts";

/**
 * Starts the deployed Worker in workerd, with a Postgres and a Redis of its own in this process. Nothing leaves this
 * machine, and `stop` leaves nothing behind.
 */
export async function startGatehouse(options: GatehouseOptions = {}): Promise<TestGatehouse> {
  const port = options.port ?? (await findFreePort());
  const issuer = `http://localhost:${port}`;
  const [serverKey, vaultKey] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64url"));
  const [worker, database, redis] = await Promise.all([
    readWorker(),
    packed("database.tar.gz").then((dump) => startDatabase(new Blob([dump as Uint8Array<ArrayBuffer>]))),
    startEmbeddedRedis(),
  ]);
  const upstash = await startUpstash(redis, await findFreePort());
  const bindings = {
    ENVIRONMENT: "development",
    ISSUER: issuer,
    DATABASE_URL: database.databaseUrl,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    SERVER_KEY: serverKey ?? "",
    VAULT_KEY: vaultKey ?? "",
    CORS_ORIGINS: "none",
    LIMITS: "off",
    ...options.variables,
  };
  const running = await startWorker(worker, port, bindings, options.onLog ?? (() => {}));
  const deps = await createOperatorDeps(database.databaseUrl, serverKey ?? null);
  const tokens = createTokens(deps, issuer);
  const stop = async () => {
    await running.stop();
    await Promise.all([database.stop(), upstash.stop()]);
    await redis.stop();
  };
  return {
    issuer,
    addServer: (definition) => addServer(deps, issuer, definition, tokens.issue),
    revoke: tokens.revoke,
    disable: tokens.disable,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Adds a server as `cli resource apply` does. */
async function addServer(
  deps: AdminDeps,
  issuer: string,
  { resource: uri, name = "Test server", scopes: named }: ServerDefinition,
  issue: ReturnType<typeof createTokens>["issue"],
): Promise<TestServer> {
  const scopes = isList(named)
    ? named
    : Object.entries(named).map(([scope, description]): ScopeDefinition => ({ name: scope, description }));
  const document = JSON.stringify({ resource: uri, name, scopes });
  const applied = await applyResource(deps, document, { uri: null, isDefault: false });
  if ("problem" in applied) throw new Error(applied.problem);
  if (applied.outcome !== "added") throw new Error(`${uri} was added before.`);
  const { id, secret, uri: resource } = applied;
  const defaults = scopes.filter((scope) => scope.default !== false).map((scope) => scope.name);
  return {
    options: { resource, issuer, credential: { id, secret } },
    env: { RESOURCE: resource, ISSUER: issuer, RESOURCE_ID: id, INTROSPECTION_SECRET: secret },
    token: (request) => issue(resource, defaults, request),
  };
}

/** `Array.isArray` doesn't narrow a readonly array. */
const isList = (scopes: ServerDefinition["scopes"]): scopes is readonly ScopeDefinition[] => Array.isArray(scopes);

const packed = (name: string): Promise<Buffer> => readFile(join(import.meta.dirname, "packed", name));

async function readWorker(): Promise<PackedWorker> {
  const [module, settings] = await Promise.all([packed("worker.js"), packed("worker.json")]);
  return { module: module.toString(), ...JSON.parse(settings.toString()) };
}
