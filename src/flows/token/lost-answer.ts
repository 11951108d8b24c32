import { isUnavailable } from "../../lib/unavailable.ts";
import type { Database } from "../../store/database.ts";
import { findIssuedTokens, type IssuedTokens } from "../../store/issued-tokens.ts";

/**
 * Runs a gate. If its answer is lost, it may have committed all the same: the tokens' digests tell, since nobody else
 * knows the tokens. If they are not there either, the loss goes on to the caller, who may try again.
 */
export async function settleGate(
  db: Database,
  tokens: Parameters<typeof findIssuedTokens>[1],
  gate: () => Promise<IssuedTokens | null>,
): Promise<IssuedTokens | null> {
  try {
    return await gate();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const issued = await findIssuedTokens(db, tokens);
    if (!issued) throw error;
    return issued;
  }
}
