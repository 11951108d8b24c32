import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { type Env, readConfig } from "./config.ts";
import { createDeps, createSetup, type Setup, writeLog } from "./deps.ts";
import { cleanUp } from "./flows/cleanup.ts";
import { checkForRelease } from "./flows/release-check.ts";
import { rewrapOnSchedule } from "./flows/vault.ts";
import { createKeyRing } from "./lib/key-ring.ts";
import type { AppEnv } from "./routes/app-env.ts";
import { answerBinding, type BindingAnswer, type BindingMethod } from "./routes/binding.ts";

type Server = (Setup & { readonly fetch: Hono<AppEnv>["fetch"] }) | { readonly problems: readonly string[] };

const servers = new WeakMap<Env, Server>();

/** Answers a request, or 503 while the configuration is not fit to serve. */
export async function serve(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const server = await getServer(env);
  if ("fetch" in server) return server.fetch(request, env, context);
  const body = {
    error: "temporarily_unavailable",
    error_description: "The server is not configured; its log says why.",
  };
  return Response.json(body, { status: 503, headers: { "Cache-Control": "no-store", "Retry-After": "60" } });
}

/** The cron trigger. */
export async function cleanUpOnSchedule(env: Env, context: ExecutionContext): Promise<void> {
  const server = await getServer(env);
  if ("problems" in server) return;
  const deps = createDeps(server, null, (work) => context.waitUntil(work));
  await cleanUp(deps);
  await rewrapOnSchedule(deps);
  await checkForRelease(deps);
}

/** A call over a service binding. */
export async function serveBinding(
  { env, context }: { readonly env: Env; readonly context: ExecutionContext },
  method: BindingMethod,
  input: unknown,
): Promise<BindingAnswer<object>> {
  const server = await getServer(env);
  if ("problems" in server) return { ok: false, error: "temporarily_unavailable" };
  return answerBinding(
    createDeps(server, null, (work) => context.waitUntil(work)),
    method,
    input,
  );
}

async function getServer(env: Env): Promise<Server> {
  const server = servers.get(env) ?? (await createServer(env));
  servers.set(env, server);
  if ("problems" in server) {
    writeLog({ level: "error", event: "configuration_refused", problems: server.problems.join("; ") });
  }
  return server;
}

async function createServer(env: Env): Promise<Server> {
  const config = readConfig(env);
  if ("problems" in config) return config;
  // The first step of a rotation may be the same key under both names. Everything works, and nothing is rotated.
  if (new Set(config.serverKeys).size < config.serverKeys.length)
    writeLog({ level: "warn", event: "server_keys_equal" });
  for (const detail of config.warnings) writeLog({ level: "warn", event: "configuration_doubtful", detail });
  const setup = createSetup(config, await createKeyRing(config.serverKeys));
  const { fetch } = createApp(setup);
  return { ...setup, fetch };
}
