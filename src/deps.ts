import type { Config } from "./config.ts";
import { createPoints, type Observe, type WritePoint } from "./lib/data-points.ts";
import type { KeyRing } from "./lib/key-ring.ts";
import { createKeyWrapper, type KeyWrapper } from "./lib/key-wrapper.ts";
import { randomBase64url } from "./lib/random.ts";
import type { Actor } from "./store/actor.ts";
import { type RefusalEvent, upsertRefusal } from "./store/audit-events.ts";
import { createDatabase, type Database } from "./store/database.ts";
import { createRedis, type Redis } from "./store/redis.ts";

/** The sender of the request. A scheduled run has none. */
type Caller = {
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The number of the network (AS) that the address belongs to, or the address itself if the network is unknown. */
  readonly network: string;
};

type LogEntry = { readonly level: "info" | "warn" | "error"; readonly event: string } & Readonly<
  Record<string, string | number | boolean | null>
>;

/** The effects that flows may have. They are built anew for each request. */
export type Deps = {
  readonly config: Config;
  readonly keys: KeyRing;
  /** Holds the key of the vault, which stores the secrets of providers. */
  readonly vault: KeyWrapper;
  readonly db: Database;
  readonly redis: Redis;
  /** Fetches documents that clients name. The stores have connections of their own. */
  readonly fetch: typeof fetch;
  readonly caller: Caller;
  /** Who acts. Nobody does until a door has checked the request. */
  readonly actor: Actor;
  readonly now: () => Date;
  /** Identifies this request in each log line, on error pages and in a header of JSON errors. */
  readonly requestId: string;
  /** Counts or measures, if the owner has bound a dataset. */
  readonly writePoint: WritePoint;
  readonly log: (entry: LogEntry) => void;
  /** Lets work continue after the answer (`waitUntil`). */
  readonly defer: (work: Promise<unknown>) => void;
  /** Waits until the limits that are counted beside the request are known. Throws 429 if it exceeds one. */
  readonly admitted: () => Promise<void>;
};

/** Records a refusal after the answer. If the database can't be reached, the record is lost. */
export const auditRefusal = (deps: Deps, refusal: RefusalEvent): void =>
  deps.defer(
    deps.admitted().then(
      () =>
        upsertRefusal(deps.db, refusal, deps.actor).catch(() =>
          deps.log({ level: "warn", event: "audit_event_lost", name: refusal.name }),
        ),
      // Refusals past a limit aren't recorded.
      () => undefined,
    ),
  );

/**
 * What all requests of one deployment share. The clients of the stores hold addresses and secrets but no connection, so
 * requests may share them.
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

/** Builds what the flows of one request may use, or those of a scheduled run if there is no request. */
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

/** Describes who sent a request. Cloudflare's data about the request is parsed only when somebody asks. */
function callerOf(request: Request): Caller {
  // Cloudflare overwrites whatever a client sent. The header is missing only on a developer's machine.
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

/** Writes one line of JSON, which Workers Logs indexes by member. */
export const writeLog = ({ level, ...entry }: LogEntry): void => console[level](JSON.stringify(entry));
