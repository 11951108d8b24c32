import { auditRefusal, type Deps } from "../../deps.ts";
import { rateLimitKey } from "../../lib/client-address.ts";
import { hashPassword, verifyPassword } from "../../lib/password.ts";
import { MAX_PASSWORD_LENGTH } from "../../lib/password-policy.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { type AddressLimit, consumeLoginAttempt, deleteLockout, type LockoutState } from "../../store/lockouts.ts";
import { insertSession } from "../../store/sessions.ts";
import { findUserByEmail } from "../../store/users.ts";
import { tooManyRequests } from "../rate-limit.ts";
import { type LoginCookies, mintSession, type SignInCookies } from "./new-session.ts";
import { accountKey, openRememberedBrowser, sealRememberedBrowser } from "./remembered-browser.ts";

type PasswordAttempt = { readonly email: string; readonly password: string };

/**
 * Signs a person in by password. Null if the password is wrong. An unknown account, a disabled one, one without a
 * password and a wrong password take the same time and look the same. The attempt is counted before the hash is
 * computed, so that parallel guesses don't slip through. If it can't be counted, it isn't made.
 */
export async function signInWithPassword(
  deps: Deps,
  { email, password }: PasswordAttempt,
  cookies: LoginCookies,
): Promise<SignInCookies | null> {
  const address = email.trim().toLowerCase();
  const account = await accountKey(deps, address);
  const browser = await openRememberedBrowser(deps, cookies.browser, account);
  const known = { account, browser: browser?.id ?? null };
  const limit = limitOf(deps);
  const first = await consumeLoginAttempt(deps.redis, known, limit, deps.config.lockout, deps.now());
  assertAllowed(deps, first);
  const user = await findUserByEmail(deps.db, address);
  // A cookie from before the last change of password no longer proves a known browser, so the attempt counts as a
  // stranger's.
  const isStranger = browser && user && browser.passwordChangedAt !== user.passwordChangedAt;
  const subject = isStranger ? { account, browser: null } : known;
  const attempt = isStranger
    ? await consumeLoginAttempt(deps.redis, subject, null, deps.config.lockout, deps.now())
    : first;
  assertAllowed(deps, attempt);
  const verdict = await verifyPassword(password.slice(0, MAX_PASSWORD_LENGTH * 4), user?.passwordHash ?? null);
  if (!user || !verdict.matches || user.disabled) {
    if (attempt.locks) auditRefusal(deps, { name: "account_locked", userId: user?.id ?? null });
    return null;
  }
  const { token, session } = await mintSession(deps, cookies);
  const newHash = verdict.outdated ? await hashPassword(password) : null;
  const proof = { method: "password", userId: user.id, verifiedHash: user.passwordHash, newHash } as const;
  if (!(await insertSession(deps.db, session, proof, deps.actor))) return null;
  deps.defer(
    deleteLockout(deps.redis, subject, limit).catch(() => deps.log({ level: "warn", event: "lockout_not_cleared" })),
  );
  return { session: token, browser: await sealRememberedBrowser(deps, account, user.passwordChangedAt) };
}

/**
 * How many accounts one address may fail at in an hour: more than an office mistypes, and few for somebody who guesses.
 */
const MAX_ACCOUNTS = 20;

/** The limits of the address, which are counted in the same step as the lockout. */
const limitOf = ({ config, caller }: Deps): AddressLimit =>
  config.limits && {
    key: rateLimitKey(caller.address ?? ""),
    requests: config.limits.login,
    accounts: MAX_ACCOUNTS,
  };

/** Throws 429 for an attempt that may not be made. */
function assertAllowed(deps: Deps, { limitedUntil, allowed, lockedUntil }: LockoutState): void {
  if (limitedUntil > 0) throw tooManyRequests(Math.ceil((limitedUntil - deps.now().getTime()) / 1000));
  if (!allowed) throw locked(deps, lockedUntil);
}

const locked = (deps: Deps, until: number): OAuthError => {
  const seconds = Math.max(1, Math.ceil((until - deps.now().getTime()) / 1000));
  const minutes = Math.ceil(seconds / 60);
  return new OAuthError(
    "temporarily_unavailable",
    `There were too many wrong passwords. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`,
    { status: 429, reason: "locked_out", retryAfterSeconds: seconds },
  );
};
