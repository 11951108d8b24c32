import { withDeadline } from "./gatehouse-call.ts";
import { introspectToken, type Verification } from "./introspection.ts";
import type { Settings } from "./options.ts";

/** How many answers of each kind are cached. The oldest make room. */
const MAX_KEPT = 1000;
/** A bad token stays bad, so this only bounds how long it is remembered. */
const INVALID_MS = 10_000;
/** A caller that asks this much later starts a look-up of its own, so that it doesn't rely on an older answer. */
const JOIN_MS = 1000;

type Kept = { readonly verification: Verification; readonly until: number };
type Flight = { readonly startedAt: number; readonly verification: Promise<Verification> };

export type TokenVerifier = (token: string) => Promise<Verification>;

/**
 * Verifies tokens by introspection. Simultaneous requests with one token share a look-up. Good answers are cached for
 * `cacheSeconds`, counted from before the question, and bad ones for 10 s. The cache is keyed by digests, so the memory
 * holds no token.
 */
export function createTokenVerifier(settings: Settings): TokenVerifier {
  const good = new Map<string, Kept>();
  const bad = new Map<string, Kept>();
  const flights = new Map<string, Flight>();

  const lookUp = async (key: string, token: string, startedAt: number): Promise<Verification> => {
    const verification = await introspectToken(settings, token);
    if (verification === "invalid") keep(bad, key, { verification, until: startedAt + INVALID_MS });
    else if (verification !== "unavailable") {
      const until = Math.min(startedAt + settings.cacheSeconds * 1000, verification.expiresAt * 1000);
      keep(good, key, { verification, until });
    }
    return verification;
  };

  const start = (key: string, token: string, startedAt: number): Promise<Verification> => {
    const verification = lookUp(key, token, startedAt).finally(() => {
      if (flights.get(key)?.verification === verification) flights.delete(key);
    });
    // The look-up of a cancelled request may never finish, so nobody joins it any more.
    for (const [other, flight] of flights) {
      if (startedAt - flight.startedAt <= JOIN_MS) break;
      flights.delete(other);
    }
    flights.delete(key);
    flights.set(key, { startedAt, verification });
    // Its request may be cancelled while others wait for it.
    settings.waitUntil?.(verification);
    return verification;
  };

  return async function verifyToken(token) {
    const key = await digest(token);
    const now = Date.now();
    const kept = findKept(bad, key, now) ?? findKept(good, key, now);
    if (kept) return kept;
    const flight = flights.get(key);
    if (!flight || now - flight.startedAt > JOIN_MS) return start(key, token, now);
    // In a Worker, the look-up of a cancelled request never ends. Then the waiting request asks by itself.
    return (await withDeadline(settings.timeoutMs, () => flight.verification)) ?? introspectToken(settings, token);
  };
}

function findKept(kept: Map<string, Kept>, key: string, now: number): Verification | null {
  const found = kept.get(key);
  if (!found) return null;
  if (found.until > now) return found.verification;
  kept.delete(key);
  return null;
}

function keep(kept: Map<string, Kept>, key: string, entry: Kept): void {
  if (entry.until <= Date.now()) return;
  kept.delete(key);
  kept.set(key, entry);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}

async function digest(token: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return String.fromCharCode(...new Uint8Array(bytes));
}
