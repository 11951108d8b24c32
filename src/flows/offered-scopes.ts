import type { Deps } from "../deps.ts";
import type { Database } from "../store/database.ts";
import { listOfferedScopes } from "../store/offered-scopes.ts";

/** What an isolate knows about a database. Milliseconds since 1970. */
type Kept = { scopes: readonly string[]; askedAt: number };

const kept = new WeakMap<Database, Kept>();

const KEPT_MS = 60_000;
/** A client waits ten seconds for a server's metadata, and can do without this part. */
const WAIT_MS = 1000;

/**
 * The scopes that resources offer, cached in this isolate for a minute. Waits for the database once, and afterwards
 * refreshes in the background. Null if it can't be asked.
 */
export async function readOfferedScopes(deps: Deps): Promise<readonly string[] | null> {
  const now = deps.now().getTime();
  const known = kept.get(deps.db);
  if (!known) {
    const tooLate = new Promise<null>((resolve) => setTimeout(resolve, WAIT_MS, null));
    return Promise.race([ask(deps, now).catch(() => null), tooLate]);
  }
  if (now - known.askedAt >= KEPT_MS) {
    known.askedAt = now;
    deps.defer(ask(deps, now).catch(() => {}));
  }
  return known.scopes;
}

async function ask({ db }: Deps, askedAt: number): Promise<readonly string[]> {
  const scopes = await listOfferedScopes(db);
  kept.set(db, { scopes, askedAt });
  return scopes;
}
