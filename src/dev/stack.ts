import { readFile } from "node:fs/promises";
import { createOperatorDeps } from "../flows/admin/admin-deps.ts";
import { applyResource } from "../flows/admin/apply-resource.ts";
import { rotateResourceCredential, type ShownCredential } from "../flows/admin/resources.ts";
import type { Services } from "./local-services.ts";
import type { RunningWorkers, WorkerLog } from "./miniflare.ts";
import type { DevState } from "./state.ts";
import { type Outbound, projectFile, startWorkers, type WorkerSpec } from "./workerd.ts";

export type StackOptions = {
  readonly services: Services;
  readonly state: DevState;
  /** Gatehouse listens on this port, and the example MCP server on the next. */
  readonly port: number;
  readonly issuerPath?: string;
  /** The `gatehouse.resource.json` of a resource that replaces the example. */
  readonly resourceDocument?: string;
  /** Variables of the Worker beside those that the stack sets. */
  readonly vars?: Readonly<Record<string, string>>;
  /** An entry point other than the production one. */
  readonly entry?: string;
  readonly outbound?: Outbound;
  /** Workers that run beside the two, and may have service bindings to them. */
  readonly beside?: readonly WorkerSpec[];
  readonly onLog: (log: WorkerLog) => void;
};

export type Stack = RunningWorkers & {
  readonly issuer: string;
  readonly resource: ShownCredential;
};

/** Runs Gatehouse and the example MCP server that it protects, in workerd on this machine. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { services, state, port, issuerPath = "", beside = [], onLog } = options;
  const document = options.resourceDocument ?? projectFile("examples/weather/gatehouse.resource.json");
  const issuer = `http://localhost:${port}${issuerPath}`;
  const resource = await ensureExample(services, state, {
    document: await readFile(document, "utf8"),
    uri: `http://localhost:${port + 1}/mcp`,
    // A real database may already have a default resource.
    isDefault: "stop" in services,
  });
  const gatehouse = gatehouseWorker({ ...options, issuer });
  const weather = {
    name: "weather",
    configPath: projectFile("examples/weather/wrangler.toml"),
    port: port + 1,
    bindings: {
      ISSUER: issuer,
      RESOURCE: resource.uri,
      RESOURCE_ID: resource.id,
      INTROSPECTION_SECRET: resource.secret,
      UPSTASH_REDIS_REST_URL: services.redisUrl,
      UPSTASH_REDIS_REST_TOKEN: services.redisToken,
    },
  };
  const example = options.resourceDocument ? [] : [weather];
  return { issuer, resource, ...(await startWorkers([gatehouse, ...example, ...beside], onLog)) };
}

type GatehouseOptions = Pick<StackOptions, "services" | "state" | "port" | "vars" | "entry" | "outbound"> & {
  readonly issuer: string;
};

/** Gatehouse as one Worker of a deployment. */
export const gatehouseWorker = ({
  services,
  state,
  port,
  vars,
  entry,
  outbound,
  issuer,
}: GatehouseOptions): WorkerSpec => ({
  name: "gatehouse",
  configPath: projectFile("wrangler.toml"),
  port,
  bindings: {
    ENVIRONMENT: "development",
    ISSUER: issuer,
    DATABASE_URL: services.databaseUrl,
    UPSTASH_REDIS_REST_URL: services.redisUrl,
    UPSTASH_REDIS_REST_TOKEN: services.redisToken,
    SERVER_KEY: state.serverKey,
    VAULT_KEY: state.vaultKey,
    CORS_ORIGINS: "none",
    ...vars,
  },
  ...(entry ? { entry } : {}),
  ...(outbound ? { outbound } : {}),
});

/**
 * An example's introspection credential: the stored one, a new one with a new resource, or a new one if the secret is
 * lost.
 */
export async function ensureExample(
  services: Services,
  state: DevState,
  { document, uri, isDefault }: { readonly document: string; readonly uri: string; readonly isDefault: boolean },
): Promise<ShownCredential> {
  const deps = await createOperatorDeps(services.databaseUrl, state.serverKey);
  const applied = await applyResource(deps, document, { uri, isDefault });
  if ("problem" in applied) throw new Error(applied.problem);
  if (applied.outcome === "added") return applied;
  const known = state.credentials[uri];
  if (known) return { ...known, uri };
  const rotated = await rotateResourceCredential(deps, uri);
  if ("problem" in rotated) throw new Error(rotated.problem);
  return rotated;
}
