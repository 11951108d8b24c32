import { auditRefusal, type Deps } from "../../deps.ts";
import { revokeTokenFamilies } from "../../store/token-families.ts";

/** Whose code it was, and what its redemption founded. */
export type RedeemedCode = {
  readonly clientId: string;
  readonly userId: string | null;
  readonly familyId: string | null;
};

/**
 * A code that is redeemed twice by who has all that it takes may have been stolen (OAuth 2.1 §4.1.3). `reach` says what goes
 * with the code's family: nothing more, or all that the client has of the person.
 */
export async function revokeAfterReplay(deps: Deps, code: RedeemedCode, reach: "family" | "client"): Promise<void> {
  const { clientId, userId, familyId } = code;
  if (userId === null || familyId === null) return;
  const selection = reach === "family" ? { familyId } : { userId, clientId };
  await revokeTokenFamilies(deps.db, selection, "code_replayed", deps.actor);
  auditRefusal(deps, { name: "code_replayed", userId, clientId, familyId });
}
