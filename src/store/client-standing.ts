import { sql } from "drizzle-orm";
import { type AuditContext, auditColumns, auditEach } from "./audit-events.ts";
import { isAuthorized } from "./authority.ts";
import type { Database } from "./database.ts";
import { instant, text } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

/** Approves a client as it is now; a later change of name, redirect URIs or keys loses the approval. */
export async function approveClient(db: Database, id: string, audit: AuditContext): Promise<boolean> {
  const rows = await db.run(sql`
    with client as (
      update clients set approved_fingerprint = fingerprint where id = ${text(id)} and ${isAuthorized(audit)}
      returning ${auditColumns({ clientId: sql`id` })}),
    audit as (${auditEach("client_approved", sql`client`, audit)})
    select client_id from client`);
  return rows.length > 0;
}

/**
 * Blocks a client and revokes all that it was granted. Two statements: the second is younger, so that it sees the families
 * of codes that were being redeemed while the first waited.
 */
export async function disableClient(db: Database, id: string, audit: AuditContext): Promise<boolean> {
  const [rows] = await db.batch([
    sql`with client as (
        update clients set disabled_at = coalesce(disabled_at, ${instant(audit.now)}) where id = ${text(id)} and ${isAuthorized(audit)}
        returning ${auditColumns({ clientId: sql`id` })}),
      audit as (${auditEach("client_disabled", sql`client`, audit)})
      select client_id from client`,
    sql`with ${revokeSelected(sql`f.client_id = ${text(id)} and ${isAuthorized(audit)}`, "client_disabled", audit)} select family_id from revoked`,
  ]);
  return (rows?.length ?? 0) > 0;
}

export async function enableClient(db: Database, id: string, audit: AuditContext): Promise<boolean> {
  const rows = await db.run(sql`
    with client as (
      update clients set disabled_at = null where id = ${text(id)} and ${isAuthorized(audit)}
      returning ${auditColumns({ clientId: sql`id` })}),
    audit as (${auditEach("client_enabled", sql`client`, audit)})
    select client_id from client`);
  return rows.length > 0;
}
