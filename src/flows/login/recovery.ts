import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { readRecoveryCode } from "../../lib/recovery-code.ts";
import { insertSession } from "../../store/sessions.ts";
import { type LoginCookies, mintSession, type SignInCookies } from "./new-session.ts";

/** Signs a person in by a recovery code, which is good once. Null if it is wrong or spent. */
export async function signInWithRecoveryCode(
  deps: Deps,
  typed: string,
  cookies: LoginCookies,
): Promise<SignInCookies | null> {
  const code = readRecoveryCode(typed);
  if (code === null) return null;
  const { token, session } = await mintSession(deps, cookies);
  const proof = { method: "recovery_code", digest: await sha256(code) } as const;
  return (await insertSession(deps.db, session, proof, deps.actor)) ? { session: token, browser: null } : null;
}
