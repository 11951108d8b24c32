import { join } from "node:path";
import { build } from "esbuild";
import type { Response } from "miniflare";
import { unstable_readConfig } from "wrangler";
import { asModule, type RunningWorkers, runWorkers, type WorkerLog } from "./miniflare.ts";

/**
 * One Worker to run. Its wrangler.toml gives compatibility date and flags, and `bindings` its variables and secrets.
 */
export type WorkerSpec = {
  readonly name: string;
  readonly configPath: string;
  /** Replaces the `main` of its wrangler.toml. */
  readonly entry?: string;
  readonly port: number;
  /** Whether its service bindings are there, by default true. The Workers that they name have to run beside it. */
  readonly services?: boolean;
  readonly bindings: Readonly<Record<string, string>>;
  /**
   * Answers what the Worker fetches from the internet. Null lets a request through. Requests to this machine always go
   * through.
   */
  readonly outbound?: Outbound;
};

export type Outbound = (request: Request) => Promise<globalThis.Response | null>;

/** Bundles Workers as wrangler does and runs them in workerd, each listening on its own loopback port. */
export async function startWorkers(
  specs: readonly WorkerSpec[],
  onLog: (log: WorkerLog) => void,
): Promise<RunningWorkers> {
  return runWorkers(await Promise.all(specs.map(toMiniflareWorker)), onLog);
}

/** As wrangler.toml has it. */
type ServiceBinding = { readonly binding: string; readonly service: string; readonly entrypoint?: string };

async function toMiniflareWorker({ services = true, ...spec }: WorkerSpec) {
  const { name, configPath, entry, port, bindings, outbound } = spec;
  const config = unstable_readConfig({ config: configPath }, { hideWarnings: true });
  const { compatibility_date: compatibilityDate, compatibility_flags: compatibilityFlags } = config;
  return {
    name,
    modules: asModule(await keptBundle(entry ?? config.main ?? "", config.alias)),
    ...(compatibilityDate ? { compatibilityDate } : {}),
    compatibilityFlags,
    bindings: { ...bindings },
    serviceBindings: Object.fromEntries(
      (services ? (config.services ?? []) : []).map(({ binding, service, entrypoint }: ServiceBinding) => [
        binding,
        { name: service, ...(entrypoint ? { entrypoint } : {}) },
      ]),
    ),
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    ...(outbound ? { outboundService: intercept(outbound) } : {}),
  };
}

/** Modules that are replaced by others, according to wrangler.toml. */
type Alias = Readonly<Record<string, string>> | undefined;

const bundles = new Map<string, Promise<string>>();

/** The Worker as one module. It is cached, since tests start the same one over and over. */
function keptBundle(entry: string, alias: Alias): Promise<string> {
  const kept = bundles.get(entry) ?? bundle(entry, { alias, minify: false });
  bundles.set(entry, kept);
  return kept;
}

/** The Worker as one module, either minified as it is deployed, or with its names for readable logs. */
export async function bundle(
  entry: string,
  { alias = {}, minify }: { readonly alias?: Alias; readonly minify: boolean },
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify,
    alias: { ...alias },
    absWorkingDir: projectFile("."),
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["gatehouse-source", "workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
  });
  return outputFiles[0]?.text ?? "";
}

const intercept = (outbound: Outbound) => async (request: unknown) => {
  const outgoing = request as Request;
  const local = ["127.0.0.1", "localhost"].includes(new URL(outgoing.url).hostname);
  const answer = local ? null : await outbound(outgoing);
  return (answer ?? (await fetch(outgoing.url, await forward(outgoing)))) as unknown as Response;
};

const forward = async (request: Request): Promise<RequestInit> => ({
  method: request.method,
  headers: [...request.headers],
  redirect: "manual",
  ...(request.body ? { body: await request.arrayBuffer() } : {}),
});

/** The path of a file of this project. */
export const projectFile = (path: string): string => join(import.meta.dirname, "../..", path);
