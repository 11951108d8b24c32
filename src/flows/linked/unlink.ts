import type { Deps } from "../../deps.ts";
import * as z from "../../lib/schema.ts";
import { deleteAccountGrants, deleteLinkedAccount, type UnlinkedAccount } from "../../store/linked-account-deletion.ts";
import { revokeAtProvider } from "../provider/revoke.ts";
import { openUpstream, type UpstreamDeps } from "../provider/upstream.ts";
import { openAccount } from "./account-secret.ts";

/** Deletes an account. Afterwards it tries to tell the provider, but the row is gone even if that fails. */
export async function unlinkAccount(deps: Deps, id: string): Promise<boolean> {
  const unlinked = isId(id) ? await deleteLinkedAccount(deps.db, id, deps.actor) : null;
  if (!unlinked) return false;
  deps.defer(endAtProvider(deps, unlinked));
  return true;
}

/** Asks a provider to end the tokens of a deleted account. False if it couldn't be told. */
export async function endAtProvider(deps: UpstreamDeps, { account, provider }: UnlinkedAccount): Promise<boolean> {
  try {
    return await revokeAtProvider(await openUpstream(deps, provider), await openAccount(deps, account));
  } catch {
    // Without the vault's key nobody can open the tokens any more.
    return false;
  }
}

/** Stops servers from using an account. */
export const endAccountUses = async (deps: Deps, id: string, resourceIds: readonly string[]): Promise<boolean> =>
  isId(id) && deleteAccountGrants(deps.db, id, resourceIds, deps.actor);

const isId = (text: string): boolean => z.uuid().safeParse(text).success;
