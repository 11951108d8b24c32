import { sql } from "drizzle-orm";
import { type Actor, authorizedUser, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { text, timestamptz } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";
import { userIdOf } from "./users.ts";

/**
 * Disables a person and ends everything that they granted, their sessions, what waits for them and the links that they
 * made. Nobody can disable themself. Both people are locked first. So of two owners who disable each other, one
 * remains, and the statements that follow see what was just being issued.
 */
export async function disableUser(db: Database, email: string, actor: Actor): Promise<boolean> {
  const person = sql`(select id from users where email = ${text(email)} and disabled_at is not null
    and ${isAuthorized(actor)} and id is distinct from ${authorizedUser(actor)})`;
  const [, , rows] = await db.batch([
    ...lockUsers(actor, userIdOf(email)),
    sql`with ${recorded("user_disabled", "person", actor)`
        update users set disabled_at = coalesce(disabled_at, ${timestamptz(actor.now)})
        where email = ${text(email)} and ${isAuthorized(actor)} and id is distinct from ${authorizedUser(actor)}
        returning ${auditColumns({ userId: sql`id` })}`}
      select user_id from person`,
    sql`delete from sessions where user_id = ${person}`,
    sql`delete from setup_links where ${person} in (user_id, created_by) and used_at is null`,
    sql`with ${revokeSelected(sql`f.user_id = ${person}`, "user_disabled", actor)} select family_id from revoked`,
    sql`delete from authorization_codes where user_id = ${person} and redeemed_at is null`,
    sql`delete from device_codes where user_id = ${person} and redeemed_at is null`,
  ]);
  return (rows?.length ?? 0) > 0;
}

export async function enableUser(db: Database, email: string, actor: Actor): Promise<boolean> {
  const rows = await db.run(sql`
    with ${recorded("user_enabled", "person", actor)`
      update users set disabled_at = null where email = ${text(email)} and ${isAuthorized(actor)}
      returning ${auditColumns({ userId: sql`id` })}`}
    select user_id from person`);
  return rows.length > 0;
}

/**
 * Deletes a person with everything of theirs and the links that they made. Nobody can delete themself. The connections
 * are revoked first, in the same transaction, so that the audit log says how they ended.
 */
export async function deleteUser(db: Database, email: string, actor: Actor): Promise<boolean> {
  const person = sql`(select id from users where email = ${text(email)} and ${isAuthorized(actor)}
    and id is distinct from ${authorizedUser(actor)})`;
  const rows = await db.batch([
    ...lockUsers(actor, userIdOf(email)),
    sql`select id from users where id = ${person} for update`,
    sql`with ${revokeSelected(sql`f.user_id = ${person}`, "user_deleted", actor)} select family_id from revoked`,
    // Deleted by the cascade, they would go after the links that ask for them, against the lock order.
    sql`delete from linked_accounts where user_id = ${person}`,
    sql`with ${recorded("user_deleted", "person", actor)`
        delete from users where id = ${person}
        returning ${auditColumns({ userId: sql`id` })}`}
      select user_id from person`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}
