import { sql } from "drizzle-orm";
import { type Actor, authorizedUser, isAuthorized } from "./actor.ts";
import { auditColumns, auditEach, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { accountAsJson, type LinkedAccount } from "./linked-accounts.ts";
import { providerAsJson, type StoredProvider } from "./providers.ts";
import { text, textArray, uuid } from "./sql.ts";

export type UnlinkedAccount = { readonly account: LinkedAccount; readonly provider: StoredProvider };

/** Deletes an account of the acting person. Returns its sealed tokens once more, so that the provider can end them. */
export async function deleteLinkedAccount(db: Database, id: string, actor: Actor): Promise<UnlinkedAccount | null> {
  const [row] = await db.run<UnlinkedAccount>(sql`
    with account as (
      delete from linked_accounts where id = ${uuid(id)} and user_id = ${authorizedUser(actor)} returning *),
    audit as (${auditEach(
      "account_unlinked",
      sql`(select ${auditColumns({ userId: sql`user_id` })} from account) a`,
      actor,
    )})
    select ${accountAsJson} as "account", ${providerAsJson} as "provider"
    from account l join providers p on p.slug = l.provider`);
  return row ?? null;
}

/** The accounts of a person who is about to be deleted, so that their providers can be told. */
export const listAccountsToEnd = (db: Database, email: string, actor: Actor): Promise<UnlinkedAccount[]> =>
  db.read<UnlinkedAccount>(sql`
    select ${accountAsJson} as "account", ${providerAsJson} as "provider"
    from linked_accounts l join users u on u.id = l.user_id join providers p on p.slug = l.provider
    where u.email = ${text(email)} and ${isAuthorized(actor)}`);

/** Stops servers from using an account of the acting person. False if none of them could. */
export async function deleteAccountGrants(
  db: Database,
  id: string,
  resourceIds: readonly string[],
  actor: Actor,
): Promise<boolean> {
  const rows = await db.run(sql`
    with ${recorded("account_use_ended", "ended", actor)`
      delete from account_grants g using linked_accounts l
      where g.account_id = ${uuid(id)} and g.resource_id = any(${textArray(resourceIds)}) and l.id = g.account_id
        and l.user_id = ${authorizedUser(actor)}
      returning ${auditColumns({ userId: sql`l.user_id`, resourceId: sql`g.resource_id` })}`}
    select true from ended`);
  return rows.length > 0;
}
