import { join } from "node:path";
import type { Response } from "miniflare";
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
  return runWorkers((await Promise.all(specs.map(toMiniflareWorkers))).flat(), onLog);
}

/** The Worker, and the way to the internet that it has if that is answered here. */
async function toMiniflareWorkers({ services = true, ...spec }: WorkerSpec) {
  const { name, configPath, entry, port, bindings, outbound } = spec;
  const built = await keptBuild(configPath, entry);
  const wayOut = `${name}-outbound`;
  const worker = {
    name,
    modules: asModule(built.module),
    ...(built.compatibilityDate ? { compatibilityDate: built.compatibilityDate } : {}),
    compatibilityFlags: [...built.compatibilityFlags],
    bindings: { ...bindings },
    serviceBindings: Object.fromEntries(
      (services ? built.services : []).map(({ binding, service, entrypoint }) => [
        binding,
        { name: service, ...(entrypoint ? { entrypoint } : {}) },
      ]),
    ),
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    ...(outbound ? { outboundService: wayOut } : {}),
  };
  if (!outbound) return [worker];
  return [worker, { name: wayOut, modules: asModule(WAY_OUT), serviceBindings: { INTERNET: intercept(outbound) } }];
}

/** Asks `INTERNET` only for other hosts, since each question to it is a request to this process. */
const WAY_OUT = `export default {
  fetch: (request, { INTERNET }) =>
    ["127.0.0.1", "localhost"].includes(new URL(request.url).hostname) ? fetch(request) : INTERNET.fetch(request),
};`;

/** A Worker as one module, and what its wrangler.toml says of it. */
export type BuiltWorker = {
  readonly module: string;
  readonly compatibilityDate: string | undefined;
  readonly compatibilityFlags: readonly string[];
  readonly services: readonly { readonly binding: string; readonly service: string; readonly entrypoint?: string }[];
};

const builds = new Map<string, Promise<BuiltWorker>>();

/** Keeps what was built, by this process or another, since tests start the same Workers over and over. */
export function keepBuild(configPath: string, entry: string | undefined, built: Promise<BuiltWorker>): void {
  builds.set(`${configPath} ${entry}`, built);
}

function keptBuild(configPath: string, entry: string | undefined): Promise<BuiltWorker> {
  const kept = builds.get(`${configPath} ${entry}`) ?? buildWorker(configPath, entry);
  keepBuild(configPath, entry, kept);
  return kept;
}

/** Bundles a Worker. Without an entry, it is the `main` of its wrangler.toml. */
export async function buildWorker(configPath: string, entry: string | undefined): Promise<BuiltWorker> {
  // wrangler takes a second to load, which a process with built Workers saves.
  const { unstable_readConfig } = await import("wrangler");
  const config = unstable_readConfig({ config: configPath }, { hideWarnings: true });
  return {
    module: await bundle(entry ?? config.main ?? "", {
      ...(config.alias ? { alias: config.alias } : {}),
      minify: false,
    }),
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    services: config.services ?? [],
  };
}

/** Modules that are replaced by others, according to wrangler.toml. */
type Alias = Readonly<Record<string, string>>;

/** The Worker as one module, either minified as it is deployed, or with its names for readable logs. */
export async function bundle(
  entry: string,
  { alias = {}, minify }: { readonly alias?: Alias; readonly minify: boolean },
): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    // What is smaller starts faster.
    minifyWhitespace: true,
    minifySyntax: minify,
    minifyIdentifiers: minify,
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
  const answer = await outbound(outgoing);
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
