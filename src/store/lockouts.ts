import { askRedis, type Redis } from "./redis.ts";

export type LockoutPolicy = {
  /** Failures in a row before the first lock. */
  readonly failures: number;
  /** The longest lock; the first lasts a minute, and each failure after a lock doubles it. */
  readonly maxSeconds: number;
};

export type LockoutState = {
  /** Whether this attempt may be made. If so it has been counted as a failure, until `deleteLockout` says otherwise. */
  readonly allowed: boolean;
  /** Whether this attempt, should it fail, has locked the account. */
  readonly locks: boolean;
  /** Until when attempts are refused. Milliseconds since 1970, 0 for not at all. */
  readonly lockedUntil: number;
};

/**
 * Counts first and lets the attempt be made after, in one step: of parallel guesses no more than the allowed number get
 * through. KEYS: what is counted. ARGV: now, failures, longest lock, all in milliseconds but the second.
 */
const SCRIPT = `
local now, failures, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local locked = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if locked > now then return {0, 0, locked} end
local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
locked = 0
if count >= failures then
  locked = now + math.min(longest, 60000 * 2 ^ (count - failures))
  redis.call('HSET', KEYS[1], 'until', string.format('%.0f', locked))
end
redis.call('PEXPIRE', KEYS[1], math.max(86400000, longest))
return {1, locked > 0 and 1 or 0, locked}`;

/** What failures are counted for: an account, or a device that is counted apart from it. */
export type LockoutSubject = { readonly account: string; readonly device: string | null };

const keyOf = ({ account, device }: LockoutSubject) => `lockout:${device === null ? account : `device:${device}`}`;

/** Counts an attempt. */
export async function consumeLoginAttempt(
  redis: Redis,
  subject: LockoutSubject,
  policy: LockoutPolicy,
  now: Date,
): Promise<LockoutState> {
  const args = [now.getTime(), policy.failures, policy.maxSeconds * 1000];
  const [allowed, locks, lockedUntil] = await askRedis(() =>
    redis.eval<number[], [number, number, number]>(SCRIPT, [keyOf(subject)], args),
  );
  return { allowed: allowed === 1, locks: locks === 1, lockedUntil };
}

/** Forgets the failures, after a success. */
export async function deleteLockout(redis: Redis, subject: LockoutSubject): Promise<void> {
  await askRedis(() => redis.del(keyOf(subject)));
}
