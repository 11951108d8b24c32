import { auditContext, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { hashPassword, verifyPassword } from "../../lib/password.ts";
import { MAX_PASSWORD_LENGTH } from "../../lib/password-policy.ts";
import { mintToken } from "../../lib/token.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertSession } from "../../store/sessions.ts";
import { findUserByEmail } from "../../store/users.ts";
import { sessionDigest } from "./session.ts";

export type PasswordAttempt = { readonly email: string; readonly password: string };

/**
 * Signs a person in by password; the token of the new session, or null. An unknown account, a disabled one, one without
 * a password and a wrong password take the same time and look the same.
 */
export async function signInWithPassword(
  deps: Deps,
  { email, password }: PasswordAttempt,
  previousSession: string | null,
): Promise<string | null> {
  const user = await findUserByEmail(deps.db, email.trim().toLowerCase());
  const { matches, outdated } = await verifyPassword(
    password.slice(0, MAX_PASSWORD_LENGTH * 4),
    user?.passwordHash ?? null,
  );
  if (!user || !matches || user.disabled) return null;
  const token = await mintToken(deps.keys, TOKEN_KIND.session);
  const session = {
    digest: await sha256(token),
    replaces: await sessionDigest(deps, previousSession),
    userId: user.id,
    method: "password",
    userAgent: deps.caller.userAgent,
    lifetimeSeconds: deps.config.lifetimes.sessionSeconds,
    passwordHash: outdated ? await hashPassword(password) : null,
  } as const;
  return (await insertSession(deps.db, session, auditContext(deps))) ? token : null;
}
