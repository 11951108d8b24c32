import { isUnavailable, unavailable } from "../../lib/unavailable.ts";
import type { Database } from "../../store/database.ts";
import { findIssuedTokens, type IssuedTokens } from "../../store/issued-tokens.ts";

type Gate<T> = {
  /** The statement; null if it refused. */
  readonly attempt: () => Promise<IssuedTokens | null>;
  /** The answer to what was issued. */
  readonly answer: (issued: IssuedTokens) => T;
  /** Throws why it refused, or gives an answer all the same; null if no reason is left: a race that ended. */
  readonly explain: () => Promise<T | null>;
};

/**
 * Runs a gate to its end. If its answer is lost, it may have committed all the same: the tokens' digests tell, since nobody
 * else knows the tokens. A refusal for which no reason is found is tried once more, and after that is no verdict.
 */
export async function settleGate<T>(
  db: Database,
  tokens: Parameters<typeof findIssuedTokens>[1],
  { attempt, answer, explain }: Gate<T>,
): Promise<T> {
  for (let tries = 0; tries < 2; tries++) {
    const issued = await attempt().catch((error: unknown) => recall(db, tokens, error));
    if (issued) return answer(issued);
    const explained = await explain();
    if (explained) return explained;
  }
  throw unavailable("database");
}

/** What a gate had issued when its answer was lost. If nothing, the loss goes on to the caller, who may try again. */
async function recall(db: Database, tokens: Parameters<typeof findIssuedTokens>[1], error: unknown) {
  const issued = isUnavailable(error) ? await findIssuedTokens(db, tokens) : null;
  if (!issued) throw error;
  return issued;
}
