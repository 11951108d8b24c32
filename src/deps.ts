import type { Config } from "./config.ts";
import { createPoints, type Observe, type WritePoint } from "./lib/data-points.ts";
import type { KeyRing } from "./lib/key-ring.ts";
import { createKeyWrapper, type KeyWrapper } from "./lib/key-wrapper.ts";
import { randomBase64url } from "./lib/random.ts";
import type { Actor } from "./store/actor.ts";
import { type Refusal, upsertRefusal } from "./store/audit-events.ts";
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
  /** Holds the key of the vault, in which secrets of providers lie. */
  readonly vault: KeyWrapper;
  readonly db: Database;
  readonly redis: Redis;
  /** For documents that clients name; the stores have their own ways out. */
  readonly fetch: typeof fetch;
  readonly caller: Caller;
  /** Who acts: nobody, until a door has checked more. */
  readonly actor: Actor;
  readonly now: () => Date;
  /** Names this request: in each line of the log, on an error page and in a header of a JSON error. */
  readonly requestId: string;
  /** Counts or measures, where the owner bound a dataset. */
  readonly writePoint: WritePoint;
  readonly log: (entry: LogEntry) => void;
  /** Lets work go on after the answer (`waitUntil`). */
  readonly defer: (work: Promise<unknown>) => void;
  /** Waits until the request is known to be within its limits, where these are counted beside it; throws 429 past them. */
  readonly admitted: () => Promise<void>;
};

/** Records a refusal after the answer. It is lost if the database can't be reached, as the refusal itself is not. */
export const auditRefusal = (deps: Deps, refusal: Refusal): void =>
  deps.defer(
    deps.admitted().then(
      () =>
        upsertRefusal(deps.db, refusal, deps.actor).catch(() =>
          deps.log({ level: "warn", event: "audit_event_lost", name: refusal.name }),
        ),
      // What is past its limit is not written down.
      () => undefined,
    ),
  );

/**
 * What stays the same for all requests of one deployment. The clients of the stores know addresses and secrets and hold no
 * connection, so that requests may share them.
 */
export type SharedDeps = Pick<Deps, "config" | "keys" | "vault" | "db" | "redis" | "writePoint">;

export function createSharedDeps(config: Config, keys: KeyRing): SharedDeps {
  const writePoint = createPoints(config.dataset);
  const observe =
    (store: string): Observe =>
    (milliseconds, answered) =>
      writePoint("store", [store, answered ? "ok" : "failed"], milliseconds);
  return {
    config,
    keys,
    vault: createKeyWrapper(config.vaultKeys),
    db: createDatabase(config.databaseUrl, observe("database")),
    redis: createRedis(config.redis.url, config.redis.token, observe("redis")),
    writePoint,
  };
}

/** Builds what one request's flows may use; without a request, what a scheduled run may. */
export function createDeps(setup: SharedDeps, request: Request | null, defer: Deps["defer"]): Deps {
  const caller = request ? callerOf(request) : NOBODY;
  const requestId = randomBase64url(6);
  return {
    config: setup.config,
    keys: setup.keys,
    vault: setup.vault,
    db: setup.db,
    redis: setup.redis,
    writePoint: setup.writePoint,
    fetch: fetchAnything,
    caller,
    actor: { now: systemClock(), address: caller.address, authority: "nobody" },
    now: systemClock,
    requestId,
    log: (entry) => writeLog({ ...entry, requestId }),
    defer,
    admitted: noLimit,
  };
}

const fetchAnything: typeof fetch = (input, init) => fetch(input, init);
const systemClock = () => new Date();
const noLimit = async () => {};
const NOBODY: Caller = { address: null, userAgent: null, network: "" };

/** Who sent a request, read from it when somebody asks: what Cloudflare knows of it is parsed for that. */
function callerOf(request: Request): Caller {
  // Cloudflare sets it, over whatever a client sent; only on a developer's machine is there none.
  const address = request.headers.get("CF-Connecting-IP") ?? "127.0.0.1";
  return {
    address,
    get userAgent() {
      return request.headers.get("User-Agent")?.slice(0, 500).toWellFormed() ?? null;
    },
    get network() {
      const { asn } = (request.cf ?? {}) as { asn?: number };
      return asn === undefined ? address : `AS${asn}`;
    },
  };
}

/** One line of JSON, which Workers Logs index by member. */
export const writeLog = ({ level, ...entry }: LogEntry): void => console[level](JSON.stringify(entry));
