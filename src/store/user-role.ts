import { sql } from "drizzle-orm";
import { type Actor, authorizedUser, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";
import { type UserRole, userIdOf } from "./users.ts";

/**
 * Makes a person an owner or a member. Nobody can change their own role, and the last owner stays an owner. All owners
 * are locked first, so that two who make each other members don't both succeed. Links that a former owner made are
 * voided, since they could make another owner.
 */
export async function changeRole(db: Database, email: string, role: UserRole, actor: Actor): Promise<boolean> {
  const [, , , rows] = await db.batch([
    sql`select id from users where role = 'owner' or email = ${text(email)} order by id for no key update`,
    ...lockUsers(actor, userIdOf(email)),
    sql`with ${recorded("role_changed", "person", actor)`
        update users u set role = ${text(role)}
        where u.email = ${text(email)} and ${isAuthorized(actor)} and u.id is distinct from ${authorizedUser(actor)}
          and (${text(role)} = 'owner' or exists (
            select from users o where o.role = 'owner' and o.disabled_at is null and o.id <> u.id))
        returning ${auditColumns({ userId: sql`u.id` })}`},
      void as (delete from setup_links l using person p where ${text(role)} = 'member' and l.created_by = p.user_id
        and l.used_at is null)
      select user_id from person`,
  ]);
  return (rows?.length ?? 0) > 0;
}
