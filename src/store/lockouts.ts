import { askRedis, type Redis } from "./redis.ts";

export type LockoutPolicy = {
  /** Failures in a row before the first lock. */
  readonly failures: number;
  /** The longest lock; the first lasts a minute, and each failure after a lock doubles it. */
  readonly maxSeconds: number;
};

/** How many attempts an address may make; null for no limit. */
export type AddressLimit = {
  readonly key: string;
  /** Attempts a minute. */
  readonly requests: number;
  /** Accounts an hour that it may fail at. */
  readonly accounts: number;
} | null;

export type LockoutState = {
  /** Until when the address may make no attempt. Milliseconds since 1970, 0 if it may. Then nothing was counted for the account. */
  readonly limitedUntil: number;
  /** Whether this attempt may be made. If so it has been counted as a failure, until `deleteLockout` says otherwise. */
  readonly allowed: boolean;
  /** Whether this attempt, should it fail, has locked the account. */
  readonly locks: boolean;
  /** Until when attempts are refused. Milliseconds since 1970, 0 for not at all. */
  readonly lockedUntil: number;
};

/**
 * Counts first and lets the attempt be made after, in one step: of parallel guesses no more than the allowed number get through.
 * What is past the limit of its address counts nowhere else, or anybody could lock every account with requests that are
 * refused. An address that fails at many accounts is slowed as such, and has no effect on more of them.
 *
 * KEYS: what is counted, this minute and the last of the address, the accounts that it fails at. ARGV: now, failures, longest lock (all in
 * milliseconds but the second), attempts a minute (0 for no limit), accounts an hour, the account.
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

/** What failures are counted for: an account, or a browser that is counted apart from it. */
export type LockoutSubject = { readonly account: string; readonly browser: string | null };

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
  const [limitedUntil, allowed, locks, lockedUntil] = await askRedis(() =>
    redis.eval<(number | string)[], [number, number, number, number]>(SCRIPT, keys, args),
  );
  return { limitedUntil, allowed: allowed === 1, locks: locks === 1, lockedUntil };
}

/** Forgets the failures, after a success. */
export async function deleteLockout(redis: Redis, subject: LockoutSubject, address: AddressLimit): Promise<void> {
  await askRedis(() => redis.multi().del(keyOf(subject)).srem(accountsOf(address), subject.account).exec());
}
