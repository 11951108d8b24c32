import type { Deps } from "../deps.ts";
import type { OAuthError } from "../oauth/errors.ts";
import { TOKEN_SHAPE } from "../oauth/token-kind.ts";
import type { Database } from "../store/database.ts";
import { MAX_IDS, type RefusedRequest, upsertRefusedRequests } from "../store/refused-requests.ts";

/**
 * Errors that aren't refusals: a device learns that its person hasn't answered yet (RFC 8628 §3.5), and a client gets a
 * nonce (RFC 9449 §8).
 */
const ROUTINE = ["authorization_pending", "slow_down", "use_dpop_nonce"];

const MAX_SAID = 300;
const MAX_AGENT = 120;
/** Refusals within this time become one request to the database, however many strangers cause them. */
const GATHERED_MS = 1000;
const MAX_GATHERED = 100;

/**
 * Records a refusal after the answer, for an owner who is asked why an app doesn't connect. Refusals past a limit
 * aren't recorded, but once a minute the limit itself is.
 */
export function recordRefusal(deps: Deps, endpoint: string, clientId: string | null, error: OAuthError): void {
  if (ROUTINE.includes(error.code)) return;
  const refused = {
    endpoint,
    clientId,
    error: error.code,
    reason: error.reason,
    said: shortened(error.message, MAX_SAID),
    userAgent: shortened(deps.caller.userAgent ?? "", MAX_AGENT) || null,
  };
  if (error.reason === "rate_limited") {
    deps.writePoint("limited", [endpoint]);
    if (isFirstOfMinute(deps, `${endpoint} ${clientId}`)) gather(deps, refused);
    return;
  }
  deps.writePoint("refused", [endpoint, error.reason]);
  deps.defer(
    deps.admitted().then(
      () => gather(deps, refused),
      () => undefined,
    ),
  );
}

/**
 * Our own sentences quote little of what was sent, and no token. This makes sure of it, whatever they may say one day.
 */
const withoutSecrets = (text: string): string =>
  text.replaceAll(new RegExp(TOKEN_SHAPE, "g"), "…").replaceAll(/\p{C}/gu, "");

/** Postgres can't store half of a surrogate pair, and would refuse all the refusals that are written together. */
const shortened = (text: string, most: number): string => withoutSecrets(text).slice(0, most).toWellFormed();

const gathered = new WeakMap<Database, Map<string, RefusedRequest>>();

/** The first refusal that is gathered arranges that all of them are written. */
function gather(deps: Deps, refused: Omit<RefusedRequest, "count" | "requestIds">): void {
  const { db, now, requestId, log } = deps;
  const waiting = gathered.get(db);
  const rows = waiting ?? new Map<string, RefusedRequest>();
  const key = JSON.stringify([refused.endpoint, refused.clientId, refused.error, refused.reason, refused.said]);
  const known = rows.get(key);
  if (!known && rows.size >= MAX_GATHERED) return;
  const requestIds = [requestId, ...(known?.requestIds ?? [])].slice(0, MAX_IDS);
  rows.set(key, { ...refused, count: (known?.count ?? 0) + 1, requestIds });
  if (waiting) return;
  gathered.set(db, rows);
  const write = async () => {
    await new Promise((resolve) => setTimeout(resolve, GATHERED_MS));
    gathered.delete(db);
    await upsertRefusedRequests(db, [...rows.values()], now());
  };
  deps.defer(write().catch(() => log({ level: "warn", event: "refusals_lost", kinds: rows.size })));
}

const told = new WeakMap<Database, { minute: number; keys: Set<string> }>();

/** Whether this isolate hasn't recorded the same refusal in this minute. */
function isFirstOfMinute({ db, now }: Deps, key: string): boolean {
  const minute = Math.floor(now().getTime() / 60_000);
  const known = told.get(db);
  const kept = known?.minute === minute ? known : { minute, keys: new Set<string>() };
  told.set(db, kept);
  if (kept.keys.has(key) || kept.keys.size >= MAX_GATHERED) return false;
  kept.keys.add(key);
  return true;
}
