import { auditContext, auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { hashPassword, verifyPassword } from "../../lib/password.ts";
import { MAX_PASSWORD_LENGTH } from "../../lib/password-policy.ts";
import { mintToken } from "../../lib/token.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { consumeLoginAttempt, deleteLockout } from "../../store/lockouts.ts";
import { insertSession } from "../../store/sessions.ts";
import { findUserByEmail, type User } from "../../store/users.ts";
import { countRequest, enforceLimit, type Limited } from "../rate-limit.ts";
import { accountKey, openDevice, sealDevice } from "./device.ts";
import { sessionDigest } from "./session.ts";

export type PasswordAttempt = { readonly email: string; readonly password: string };

/** The cookies that the browser brought. */
export type LoginCookies = { readonly session: string | null; readonly device: string | null };

/** What the browser gets. */
export type SignedIn = { readonly session: string; readonly device: string };

/**
 * Signs a person in by password; null if that was not the password. An unknown account, a disabled one, one without a
 * password and a wrong password take the same time and look the same. The attempt is counted before the hash is computed,
 * so that parallel guesses don't slip through; if it can't be counted, it isn't made.
 */
export async function signInWithPassword(
  deps: Deps,
  { email, password }: PasswordAttempt,
  cookies: LoginCookies,
): Promise<SignedIn | null> {
  const address = email.trim().toLowerCase();
  const account = await accountKey(deps, address);
  const device = await openDevice(deps, cookies.device, account);
  const subject = { account, device: device?.id ?? null };
  const attempt = await countAttempt(deps, subject);
  if (!attempt.allowed) throw locked(deps, attempt.lockedUntil);
  const user = await findUserByEmail(deps.db, address);
  // A cookie from before the last change of password is a stranger's.
  if (device && user && device.passwordChangedAt !== user.passwordChangedAt) {
    if (attempt.accountLockedUntil > deps.now().getTime()) throw locked(deps, attempt.accountLockedUntil);
  }
  const verdict = await verifyPassword(password.slice(0, MAX_PASSWORD_LENGTH * 4), user?.passwordHash ?? null);
  if (!user || !verdict.matches || user.disabled) {
    if (attempt.locks) auditRefusal(deps, { name: "account_locked", userId: user?.id ?? null });
    return null;
  }
  const session = await startSession(
    deps,
    user,
    cookies.session,
    verdict.outdated ? await hashPassword(password) : null,
  );
  if (session === null) return null;
  deps.defer(deleteLockout(deps.redis, subject).catch(() => deps.log({ level: "warn", event: "lockout_not_cleared" })));
  return { session, device: await sealDevice(deps, account, user.passwordChangedAt) };
}

/** The address's limit and the account's lockout, in one round trip. The limit fails open, the lockout closed. */
async function countAttempt(deps: Deps, subject: Parameters<typeof consumeLoginAttempt>[1]) {
  const { lockout } = deps.config;
  const limited: readonly Limited[] = [{ name: "login" }];
  const [state, attempt] = await Promise.all([
    countRequest(deps, limited),
    consumeLoginAttempt(deps.redis, subject, lockout, deps.now()),
  ]);
  enforceLimit(deps, state);
  return attempt;
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

async function startSession(
  deps: Deps,
  user: User,
  previous: string | null,
  passwordHash: string | null,
): Promise<string | null> {
  const token = await mintToken(deps.keys, TOKEN_KIND.session);
  const session = {
    digest: await sha256(token),
    replaces: await sessionDigest(deps, previous),
    userId: user.id,
    method: "password",
    userAgent: deps.caller.userAgent,
    lifetimeSeconds: deps.config.lifetimes.sessionSeconds,
    passwordHash,
  } as const;
  return (await insertSession(deps.db, session, auditContext(deps))) ? token : null;
}
