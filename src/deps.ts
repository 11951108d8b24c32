import type { Config } from "./config.ts";
import type { KeyRing } from "./lib/key-ring.ts";
import { type AuditContext, type Refusal, upsertRefusal } from "./store/audit-events.ts";
import { createDatabase, type Database } from "./store/database.ts";
import { createRedis, type Redis } from "./store/redis.ts";

/** Who is on the other end of the request; nobody, in a scheduled run. */
export type Caller = {
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The number of the network (AS) that the address belongs to, or the address where that is unknown. */
  readonly network: string;
};

export type LogEntry = { readonly level: "info" | "warn" | "error"; readonly event: string } & Readonly<
  Record<string, string | number | boolean | null>
>;

/** The effects that flows may have; built anew for each request. */
export type Deps = {
  readonly config: Config;
  readonly keys: KeyRing;
  readonly db: Database;
  readonly redis: Redis;
  /** For documents that clients name; the stores have their own ways out. */
  readonly fetch: typeof fetch;
  readonly caller: Caller;
  readonly now: () => Date;
  readonly log: (entry: LogEntry) => void;
  /** Lets work go on after the answer (`waitUntil`). */
  readonly defer: (work: Promise<unknown>) => void;
  /** Waits until the request is known to be within its limits, where these are counted beside it; throws 429 past them. */
  readonly admitted: () => Promise<void>;
};

/** For what clients and strangers cause, which takes nobody's authority. */
export const auditContext = ({ now, caller }: Deps): AuditContext => ({
  now: now(),
  address: caller.address,
  authority: "nobody",
});

/** Records a refusal after the answer. It is lost if the database can't be reached, as the refusal itself is not. */
export const auditRefusal = (deps: Deps, refusal: Refusal): void =>
  deps.defer(
    upsertRefusal(deps.db, refusal, auditContext(deps)).catch(() =>
      deps.log({ level: "warn", event: "audit_event_lost", name: refusal.name }),
    ),
  );

/** What stays the same for all requests of one deployment. */
export type Setup = { readonly config: Config; readonly keys: KeyRing };

/** Builds what one request's flows may use; without a request, what a scheduled run may. */
export function createDeps({ config, keys }: Setup, request: Request | null, defer: Deps["defer"]): Deps {
  return {
    config,
    keys,
    db: createDatabase(config.databaseUrl),
    redis: createRedis(config.redis.url, config.redis.token),
    fetch: (input, init) => fetch(input, init),
    caller: request ? readCaller(request) : { address: null, userAgent: null, network: "" },
    now: () => new Date(),
    log: writeLog,
    defer,
    admitted: async () => {},
  };
}

function readCaller(request: Request): Caller {
  // Cloudflare sets it, over whatever a client sent; only on a developer's machine is there none.
  const address = request.headers.get("CF-Connecting-IP") ?? "127.0.0.1";
  const { asn } = (request.cf ?? {}) as { asn?: number };
  return {
    address,
    userAgent: request.headers.get("User-Agent")?.slice(0, 500).toWellFormed() ?? null,
    network: asn === undefined ? address : `AS${asn}`,
  };
}

/** One line of JSON, which Workers Logs index by member. */
export const writeLog = ({ level, ...entry }: LogEntry): void => console[level](JSON.stringify(entry));
