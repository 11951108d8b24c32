import { auditRefusal, type Deps } from "../../deps.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { consumeUserCodeGuess, deleteUserCodeGuess } from "../../store/user-code-guesses.ts";
import type { Session } from "../login/session.ts";
import { countRequest, enforceLimit } from "../rate-limit.ts";

/** Wrong codes of a person in an hour. Ten are more than anybody mistypes, and nothing against 25 billion. */
const MAX_FAILURES = 10;

/**
 * Tries what a person typed (RFC 8628 §5.1). It is counted before, for the person and their address, so that parallel guesses
 * don't slip through; if it can't be counted, it isn't tried. A right one is taken back alone: who has codes of their own
 * can't wipe out wrong ones with them.
 */
export async function tryUserCode<T>(deps: Deps, { userId }: Session, attempt: () => Promise<T | null>) {
  const now = deps.now();
  // What is past the limit is no guess.
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

/** What can't be a code costs an entry, and is no guess. */
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
