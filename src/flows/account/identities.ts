import type { Deps } from "../../deps.ts";
import * as z from "../../lib/schema.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { deleteIdentity, insertIdentity, type ListedIdentity, listIdentities } from "../../store/identities.ts";
import { listSignInProviders, type SignInButton } from "../../store/providers.ts";
import { identityOf } from "../login/provider.ts";
import type { Session } from "../login/session.ts";
import { type ClaimedAnswer, redeemAnswer } from "../provider/callback.ts";
import { redirectToProvider } from "../provider/request.ts";

export type IdentitiesView = {
  readonly identities: readonly ListedIdentity[];
  readonly providers: readonly SignInButton[];
};

/** The other accounts with which a person signs in, and the providers where they may add more. */
export async function readIdentities({ db, config }: Deps, { userId }: Session): Promise<IdentitiesView> {
  if (config.vaultKeys.length === 0) return { identities: [], providers: [] };
  const [identities, providers] = await Promise.all([listIdentities(db, userId), listSignInProviders(db)]);
  return { identities, providers };
}

/** Sends a signed-in person to a provider, to add it as a way to sign in. */
export const beginIdentity = (
  deps: Deps,
  provider: string,
  sessionToken: string,
): Promise<{ readonly location: string }> =>
  redirectToProvider(deps, {
    ...{ provider, purpose: "identity", browser: sessionToken, scopes: [], link: null, returnTo: null },
    ...{ signInAnew: false, loginHint: null },
  });

/** Adds the identity with which a person comes back. False if they declined there. */
export async function addIdentity(deps: Deps, claimed: ClaimedAnswer): Promise<boolean> {
  if (claimed.answer.get("error") === "access_denied") return false;
  const added = await insertIdentity(deps.db, await identityOf(claimed, await redeemAnswer(deps, claimed)), deps.actor);
  if (added === "taken") throw new OAuthError("invalid_request", "Somebody else here signs in with that account.");
  if (added === "void")
    throw new OAuthError("invalid_request", "You were signed out meanwhile, or took too long. Start again.");
  return true;
}

/** Removes a way to sign in. False if it is the last one. */
export const removeIdentity = async (deps: Deps, id: string): Promise<boolean> =>
  z.uuid().safeParse(id).success && deleteIdentity(deps.db, id, deps.actor);
