import { sql } from "drizzle-orm";
import { type Actor, HOLD_CATALOGUE, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

/**
 * Deletes a resource with everything that was granted for it. False if there is none, or if the actor may not. It is
 * locked first, so that a code for it that is being redeemed finishes before this begins. The families are revoked in
 * the same transaction, so that the audit log says how they ended.
 */
export async function deleteResource(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...lockUsers(actor),
    // Clients that are bound to it are deleted with it.
    sql`select id from clients where resource_id = ${text(id)} and ${isAuthorized(actor)} order by id for update`,
    HOLD_CATALOGUE,
    sql`select id from resources where id = ${text(id)} and ${isAuthorized(actor)} for update`,
    sql`with ${revokeSelected(sql`f.resource_id = ${text(id)} and ${isAuthorized(actor)}`, "resource_deleted", actor)}
      select family_id from revoked`,
    sql`with ${recorded("resource_deleted", "resource", actor)`
        delete from resources where id = ${text(id)} and ${isAuthorized(actor)}
        returning ${auditColumns({ resourceId: sql`id` })}`}
      select resource_id from resource`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}
