import type { Redis } from "./redis.ts";

type LockoutPolicy = {
  /** Failures in a row before the first lock. */
  readonly failures: number;
  /** The longest lock. The first lasts a minute, and each failure after a lock doubles it. */
  readonly maxSeconds: number;
};

/** How many attempts an address may make. Null for no limit. */
export type AddressLimit = {
  readonly key: string;
  /** Attempts a minute. */
  readonly requests: number;
  /** At how many accounts an hour it may fail. */
  readonly accounts: number;
} | null;

export type LockoutState = {
  /**
   * Until when the address may make no attempt. Milliseconds since 1970, or 0 if it may. While it may not, nothing is
   * counted for the account.
   */
  readonly limitedUntil: number;
  /**
   * Whether this attempt may be made. If so, it has been counted as a failure, until `deleteLockout` takes that back.
   */
  readonly allowed: boolean;
  /** Whether this attempt will have locked the account if it fails. */
  readonly locks: boolean;
  /** Until when attempts are refused. Milliseconds since 1970, or 0 if they aren't. */
  readonly lockedUntil: number;
};

/**
 * Counts an attempt before it is made, in one step, so that of parallel guesses no more than the allowed number get
 * through. An attempt past the limit of its address isn't counted for the account, or anybody could lock every account
 * with requests that are refused. An address that fails at many accounts is slowed down itself, and can affect no more
 * of them.
 *
 * KEYS: the account's counter, the address's attempts this minute and the last one, and the accounts at which it
 * failed. ARGV: now, failures, longest lock (milliseconds, but for failures), attempts a minute (0 for no limit),
 * accounts an hour, the account.
 */
const SCRIPT = `
local now, failures, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local attempts, accounts = tonumber(ARGV[4]), tonumber(ARGV[5])
if attempts > 0 then
  local passed = now % 60000
  local before = tonumber(redis.call('GET', KEYS[3]) or '0')
  local used = tonumber(redis.call('GET', KEYS[2]) or '0') + math.floor(before * (60000 - passed) / 60000)
  if used >= attempts then return {now + 60000 - passed, 0, 0, 0} end
  local isNew = redis.call('SISMEMBER', KEYS[4], ARGV[6]) == 0
  if isNew and redis.call('SCARD', KEYS[4]) >= accounts then
    return {now + math.max(1000, redis.call('PTTL', KEYS[4])), 0, 0, 0}
  end
  redis.call('INCR', KEYS[2])
  redis.call('PEXPIRE', KEYS[2], 120000)
  redis.call('SADD', KEYS[4], ARGV[6])
  if redis.call('PTTL', KEYS[4]) < 0 then redis.call('PEXPIRE', KEYS[4], 3600000) end
end
local locked = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if locked > now then return {0, 0, 0, locked} end
local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
locked = 0
if count >= failures then
  locked = now + math.min(longest, 60000 * 2 ^ (count - failures))
  redis.call('HSET', KEYS[1], 'until', string.format('%.0f', locked))
end
redis.call('PEXPIRE', KEYS[1], math.max(86400000, longest))
return {0, 1, locked > 0 and 1 or 0, locked}`;

/** What failures are counted for: an account, or one browser of it that is counted apart. */
type LockoutSubject = { readonly account: string; readonly browser: string | null };

const keyOf = ({ account, browser }: LockoutSubject) => `lockout:${browser === null ? account : `browser:${browser}`}`;

const accountsOf = (address: AddressLimit) => `login:accounts:${address?.key ?? ""}`;

/** Counts an attempt. */
export async function consumeLoginAttempt(
  redis: Redis,
  subject: LockoutSubject,
  address: AddressLimit,
  policy: LockoutPolicy,
  now: Date,
): Promise<LockoutState> {
  const minute = Math.floor(now.getTime() / 60_000);
  const [current, last] = [minute, minute - 1].map((each) => `login:attempts:${address?.key ?? ""}:${each}`);
  const keys = [keyOf(subject), current ?? "", last ?? "", accountsOf(address)];
  const { requests = 0, accounts = 0 } = address ?? {};
  const args = [now.getTime(), policy.failures, policy.maxSeconds * 1000, requests, accounts, subject.account];
  const [limitedUntil, allowed, locks, lockedUntil] = await redis.ask<[number, number, number, number]>(
    "EVAL",
    SCRIPT,
    keys.length,
    ...keys,
    ...args,
  );
  return { limitedUntil, allowed: allowed === 1, locks: locks === 1, lockedUntil };
}

/** Forgets the failures, after a success. */
export async function deleteLockout(redis: Redis, subject: LockoutSubject, address: AddressLimit): Promise<void> {
  await redis.transact(["DEL", keyOf(subject)], ["SREM", accountsOf(address), subject.account]);
}
