import { auditContext, auditRefusal, type Deps } from "../../deps.ts";
import type { ClientRegistration } from "../../store/clients.ts";
import { revokeTokenFamilies } from "../../store/token-families.ts";

/** Whose code it was, and what its redemption founded. */
export type RedeemedCode = {
  readonly registration: ClientRegistration | null;
  readonly userId: string | null;
  readonly familyId: string | null;
};

/**
 * A code that is redeemed twice by who has all that it takes has been stolen (OAuth 2.1 §4.1.3). An id of a metadata
 * document is shared by every installation of the app, so there only the family of this code goes.
 */
export async function revokeAfterReplay(deps: Deps, clientId: string, code: RedeemedCode): Promise<void> {
  const { userId, familyId, registration } = code;
  if (userId === null || familyId === null) return;
  const selection = registration === "metadata_document" ? { familyId } : { userId, clientId };
  await revokeTokenFamilies(deps.db, selection, "code_replayed", auditContext(deps));
  auditRefusal(deps, { name: "code_replayed", userId, clientId, familyId });
}
