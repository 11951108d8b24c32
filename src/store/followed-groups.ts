import { type SQL, sql } from "drizzle-orm";
import { nameGroup } from "./access-rules.ts";
import type { Actor } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { endLostAccess } from "./lost-access.ts";
import { text, textArray, timestamptz } from "./sql.ts";

/**
 * The groups whose members a provider names, each with its rule. All of them, since nobody would be removed from one that
 * is left out.
 */
export const listFollowedRules = (
  db: Database,
  provider: string,
): Promise<{ readonly groupId: string; readonly rule: string }[]> =>
  db.read(sql`select id as "groupId", rule from groups where provider = ${text(provider)} order by name`);

type Identity = { readonly provider: string; readonly subject: string };

/**
 * Stores which of the groups that follow a provider the holder of an identity is in, and ends what they had only
 * through others. Nobody is signed in yet, so the provider's word stands in for a session. The person is locked first,
 * against gates that issue something to them.
 */
export const updateFollowedGroups = (
  db: Database,
  { provider, subject }: Identity,
  groups: { readonly in: readonly string[]; readonly out: readonly string[] },
  actor: Actor,
): Promise<unknown> => {
  const personId = sql`(select i.user_id from identities i where i.provider = ${text(provider)} and i.subject = ${text(subject)})`;
  const named = (ids: readonly string[]): SQL =>
    sql`g.provider = ${text(provider)} and g.id = any(${textArray(ids)}::uuid[])`;
  const about = sql`group_id`;
  return db.batch([
    sql`select id from users where id = ${personId} for no key update`,
    // A group that is deleted meanwhile drops out here. Otherwise the statements that follow would refer to a missing
    // row.
    sql`select g.id from groups g where ${named(groups.in)} order by g.id for key share`,
    sql`with ${recorded("group_member_added", "joined", actor, nameGroup(about))`
        insert into group_members (group_id, user_id, created_at)
        select g.id, u.id, ${timestamptz(actor.now)} from groups g, users u where u.id = ${personId} and ${named(groups.in)}
        on conflict do nothing
        returning ${auditColumns({ userId: sql`user_id` })}, group_id`}
      select user_id from joined`,
    sql`with ${recorded("group_member_removed", "gone", actor, nameGroup(about))`
        delete from group_members m using groups g
        where m.group_id = g.id and m.user_id = ${personId} and ${named(groups.out)}
        returning ${auditColumns({ userId: sql`m.user_id` })}, m.group_id`}
      select user_id from gone`,
    ...(groups.out.length > 0 ? endLostAccess(sql`f.user_id = ${personId}`, actor) : []),
  ]);
};
