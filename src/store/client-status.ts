import { sql } from "drizzle-orm";
import { type Actor, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { text, textArray, timestamptz } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

/**
 * Approves a client as it was shown, or as it is now if the fingerprint is null. False if it has changed since. A later
 * change of anything that the fingerprint covers loses the approval.
 */
export async function approveClient(
  db: Database,
  id: string,
  shownFingerprint: string | null,
  actor: Actor,
): Promise<boolean> {
  const rows = await db.run(sql`
    with ${recorded("client_approved", "client", actor)`
      update clients set approved_fingerprint = fingerprint
      where id = ${text(id)} and encode(fingerprint, 'hex') = coalesce(${text(shownFingerprint)}, encode(fingerprint, 'hex'))
        and ${isAuthorized(actor)}
      returning ${auditColumns({ clientId: sql`id` })}`}
    select client_id from client`);
  return rows.length > 0;
}

/**
 * Blocks clients and ends everything that they were granted or that waits for them. The statements that end it run
 * after the one that blocks, so they see the families of codes that were being redeemed while it waited.
 */
export async function disableClients(db: Database, ids: readonly string[], actor: Actor): Promise<number> {
  const ofClient = sql`f.client_id = any(${textArray(ids)}) and ${isAuthorized(actor)}`;
  const [, , rows] = await db.batch([
    ...lockUsers(actor),
    sql`with ${recorded("client_disabled", "client", actor)`
        update clients set disabled_at = coalesce(disabled_at, ${timestamptz(actor.now)})
        where id in (select id from clients where id = any(${textArray(ids)}) order by id for no key update)
          and ${isAuthorized(actor)}
        returning ${auditColumns({ clientId: sql`id` })}`}
      select client_id from client`,
    sql`with ${revokeSelected(ofClient, "client_disabled", actor)} select family_id from revoked`,
    sql`delete from authorization_codes f where f.redeemed_at is null and ${ofClient}`,
    sql`delete from device_codes f where f.redeemed_at is null and ${ofClient}`,
  ]);
  return rows?.length ?? 0;
}

export const disableClient = async (db: Database, id: string, actor: Actor): Promise<boolean> =>
  (await disableClients(db, [id], actor)) > 0;

export async function enableClient(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.run(sql`
    with ${recorded("client_enabled", "client", actor)`
      update clients set disabled_at = null where id = ${text(id)} and ${isAuthorized(actor)}
      returning ${auditColumns({ clientId: sql`id` })}`}
    select client_id from client`);
  return rows.length > 0;
}
