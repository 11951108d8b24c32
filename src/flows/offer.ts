import type { Deps } from "../deps.ts";
import type { Database } from "../store/database.ts";
import { findOffer, type Offer } from "../store/offer.ts";

/** What an isolate knows about a database. Milliseconds since 1970. */
type Kept = { offer: Offer; askedAt: number };

const kept = new WeakMap<Database, Kept>();

const NO_OFFER: Offer = { scopes: [], takesAssertions: false, takesIdentityAssertions: false };
const KEPT_MS = 60_000;
/** A client waits ten seconds for a server's metadata, and can do without this part. */
const WAIT_MS = 1000;

/**
 * What the owner has set up, cached in this isolate for a minute. Waits for the database once, and afterwards refreshes
 * in the background. Says if it couldn't be asked.
 */
export async function readOffer(deps: Deps): Promise<Offer & { readonly isKnown: boolean }> {
  const now = deps.now().getTime();
  const known = kept.get(deps.db);
  if (!known) {
    const tooLate = new Promise<null>((resolve) => setTimeout(resolve, WAIT_MS, null));
    const offer = await Promise.race([ask(deps, now).catch(() => null), tooLate]);
    return offer ? { ...offer, isKnown: true } : { ...NO_OFFER, isKnown: false };
  }
  if (now - known.askedAt >= KEPT_MS) {
    known.askedAt = now;
    deps.defer(ask(deps, now).catch(() => {}));
  }
  return { ...known.offer, isKnown: true };
}

async function ask({ db }: Deps, askedAt: number): Promise<Offer> {
  const offer = await findOffer(db);
  kept.set(db, { offer, askedAt });
  return offer;
}
