import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { type Env, namesIssuer, readConfig } from "./config.ts";
import { createDeps, type SharedDeps, writeLog } from "./deps.ts";
import { cleanUp } from "./flows/cleanup.ts";
import { checkForRelease } from "./flows/release-check.ts";
import { rewrapOnSchedule } from "./flows/vault.ts";
import { retryWebhook } from "./flows/webhook.ts";
import { findIssuer, mayComeBefore, prepare } from "./issuer.ts";
import type { AppEnv } from "./routes/app-env.ts";
import { answerBinding, type BindingMethod, type BindingReply } from "./routes/binding.ts";

type Server = (SharedDeps & { readonly fetch: Hono<AppEnv>["fetch"] }) | { readonly problems: readonly string[] };

const servers = new WeakMap<Env, Server>();

/** Answers a request, or returns 503 while the configuration isn't fit to serve. */
export async function serve(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const server = await getServer(env, request);
  if ("problems" in server) return refuse("The server isn't configured. Its log says why.");
  if (server.config.isIssuerUnconfirmed && !mayComeBefore(request))
    return refuse("This service has no address yet. Its owner opens their setup link and confirms it.");
  return server.fetch(request, env, context);
}

const refuse = (error_description: string): Response =>
  Response.json(
    { error: "temporarily_unavailable", error_description },
    { status: 503, headers: { "Cache-Control": "no-store", "Retry-After": "60" } },
  );

/** The cron trigger. */
export async function cleanUpOnSchedule(env: Env, context: ExecutionContext): Promise<void> {
  const server = await getServer(env, null);
  if ("problems" in server) return;
  const deps = createDeps(server, null, (work) => context.waitUntil(work));
  await cleanUp(deps);
  await retryWebhook(deps);
  await rewrapOnSchedule(deps);
  await checkForRelease(deps);
}

/** A call over a service binding. */
export async function serveBinding(
  { env, context }: { readonly env: Env; readonly context: ExecutionContext },
  method: BindingMethod,
  input: unknown,
): Promise<BindingReply<object>> {
  const server = await getServer(env, null);
  if ("problems" in server || server.config.isIssuerUnconfirmed) return { ok: false, error: "temporarily_unavailable" };
  return answerBinding(
    createDeps(server, null, (work) => context.waitUntil(work)),
    method,
    input,
  );
}

async function getServer(env: Env, request: Request | null): Promise<Server> {
  const server = servers.get(env) ?? (await createServer(env, request));
  // A response made for one request's address must not answer another request, and an outage ends.
  if (namesIssuer(env) || ("fetch" in server && !server.config.isIssuerUnconfirmed)) servers.set(env, server);
  if ("problems" in server) {
    writeLog({ level: "error", event: "configuration_refused", problems: server.problems.join("; ") });
  }
  return server;
}

async function createServer(env: Env, request: Request | null): Promise<Server> {
  const config = namesIssuer(env) ? readConfig(env) : await findIssuer(env, request);
  if ("problems" in config) return config;
  // In the first step of a rotation, both names may hold the same key. Everything works, but nothing is rotated.
  if (new Set(config.serverKeys).size < config.serverKeys.length)
    writeLog({ level: "warn", event: "server_keys_equal" });
  for (const detail of config.warnings) writeLog({ level: "warn", event: "configuration_doubtful", detail });
  const setup = await prepare(config);
  const { fetch } = createApp(setup);
  return { ...setup, fetch };
}
