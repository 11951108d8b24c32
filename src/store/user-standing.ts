import { sql } from "drizzle-orm";
import { type AuditContext, auditEach } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { instant, text } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

/**
 * Disables a person and ends all that they granted and where they are signed in. Several statements in one transaction: those
 * that follow are younger than the first, and so see what was being issued while it waited.
 */
export async function disableUser(db: Database, email: string, audit: AuditContext): Promise<boolean> {
  const person = sql`(select id from users where email = ${text(email)})`;
  const [rows] = await db.batch([
    sql`with person as (
        update users set disabled_at = coalesce(disabled_at, ${instant(audit.now)}) where email = ${text(email)}
        returning id as user_id, null::text as client_id, null::text as resource_id, null::uuid as family_id),
      audit as (${auditEach("user_disabled", sql`person`, audit)})
      select user_id from person`,
    sql`delete from sessions where user_id = ${person}`,
    sql`with ${revokeSelected(sql`f.user_id = ${person}`, "user_disabled", audit)} select family_id from revoked`,
  ]);
  return (rows?.length ?? 0) > 0;
}

export async function enableUser(db: Database, email: string, audit: AuditContext): Promise<boolean> {
  const rows = await db.run(sql`
    with person as (
      update users set disabled_at = null where email = ${text(email)}
      returning id as user_id, null::text as client_id, null::text as resource_id, null::uuid as family_id),
    audit as (${auditEach("user_enabled", sql`person`, audit)})
    select user_id from person`);
  return rows.length > 0;
}
