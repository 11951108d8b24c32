import type { Actor } from "../../store/actor.ts";
import { approveClient, disableClient, disableClients, enableClient } from "../../store/client-status.ts";
import { deleteClients } from "../../store/clients.ts";
import type { Database } from "../../store/database.ts";
import { listAccountsToEnd } from "../../store/linked-account-deletion.ts";
import { deleteUser, disableUser, enableUser } from "../../store/user-status.ts";
import { endAtProvider } from "../linked/unlink.ts";
import type { AdminDeps } from "./admin-deps.ts";

type Outcome = { readonly done: true } | { readonly problem: string };

const outcome = (found: boolean, problem: string): Outcome => (found ? { done: true } : { problem });

export type UserAction = "delete" | "disable" | "enable";
export type ClientAction = "approve" | "block" | "delete" | "unblock";

/**
 * Enables, disables or deletes a person. The latter two end everything that they granted. Nobody can do it to themself.
 */
export async function setUserStatus(deps: AdminDeps, email: string, change: UserAction): Promise<Outcome> {
  const set = { delete: deleteWithAccounts, disable: disableUser, enable: enableUser }[change];
  return outcome(
    await set(deps.db, email.trim().toLowerCase(), deps.actor, deps),
    deps.actor.authority === "operator" ? "There is no such person." : "There is no such person, or it is you.",
  );
}

/** Asks the providers to end their linked accounts too, as far as possible. */
async function deleteWithAccounts(db: Database, email: string, actor: Actor, deps: AdminDeps): Promise<boolean> {
  const accounts = await listAccountsToEnd(db, email, actor);
  const deleted = await deleteUser(db, email, actor);
  if (deleted) await Promise.all(accounts.map((account) => endAtProvider(deps, account)));
  return deleted;
}

/**
 * Approves, blocks or deletes a client. Blocking and deleting end everything that it was granted. An approval is for
 * the client as it was shown, by its fingerprint (hex).
 */
export async function setClientStatus(
  deps: AdminDeps,
  id: string,
  change: ClientAction,
  shownFingerprint: string | null = null,
): Promise<Outcome> {
  const actor = deps.actor;
  const set = {
    approve: () => approveClient(deps.db, id, shownFingerprint, actor),
    block: () => disableClient(deps.db, id, actor),
    delete: async () => (await deleteClients(deps.db, [id], actor)) > 0,
    unblock: () => enableClient(deps.db, id, actor),
  }[change];
  const changed = shownFingerprint === null ? "" : ", or it has changed since it was shown";
  return outcome(await set(), `There is no such client${changed}.`);
}

/** Blocks or deletes several clients. Returns how many there were. */
export const setClientsStatus = (
  { db, actor }: AdminDeps,
  ids: readonly string[],
  change: "block" | "delete",
): Promise<number> => (change === "block" ? disableClients(db, ids, actor) : deleteClients(db, ids, actor));
