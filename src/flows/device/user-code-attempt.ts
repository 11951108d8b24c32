import { auditRefusal, type Deps } from "../../deps.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { consumeUserCodeGuess, deleteUserCodeGuess } from "../../store/user-code-guesses.ts";
import type { Session } from "../login/session.ts";
import { countRequest, enforceLimit } from "../rate-limit.ts";

/** Wrong codes a person may try in an hour. Ten are more than anybody mistypes, and hopeless against 25 billion. */
const MAX_FAILURES = 10;

/**
 * Tries a code that a person typed (RFC 8628 §5.1). The attempt is counted first, for the person and their address, so
 * that parallel guesses don't slip through. If it can't be counted, it isn't made. A right code only takes back its own
 * attempt, so that somebody with codes of their own can't wipe out wrong ones.
 */
export async function tryUserCode<T>(deps: Deps, { userId }: Session, attempt: () => Promise<T | null>) {
  const now = deps.now();
  // An attempt past the limit isn't looked up.
  enforceLimit(deps, await countEntry(deps, userId));
  const { guesses, resetAt } = await consumeUserCodeGuess(deps.redis, userId, now);
  if (guesses > MAX_FAILURES) throw exceeded(Math.ceil((resetAt - now.getTime()) / 1000));
  const found = await attempt();
  if (found === null && guesses === MAX_FAILURES) auditRefusal(deps, { name: "user_code_guesses_exceeded", userId });
  if (found !== null) {
    await deleteUserCodeGuess(deps.redis, userId, now).catch(() =>
      deps.log({ level: "warn", event: "guess_not_cleared" }),
    );
  }
  return found;
}

/** A text that can't be a code uses up an attempt, but isn't looked up. */
export async function refuseMalformedCode(deps: Deps, { userId }: Session): Promise<null> {
  enforceLimit(deps, await countEntry(deps, userId));
  return null;
}

const countEntry = (deps: Deps, userId: string) =>
  countRequest(deps, [{ name: "userCode" }, { name: "userCode", whose: userId }]);

const exceeded = (seconds: number): OAuthError => {
  const minutes = Math.ceil(seconds / 60);
  return new OAuthError(
    "temporarily_unavailable",
    `There were too many wrong codes. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`,
    { status: 429, reason: "rate_limited", retryAfterSeconds: seconds },
  );
};
