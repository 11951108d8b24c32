import { type SQL, sql } from "drizzle-orm";
import { nameGroup } from "./access-rules.ts";
import { type Actor, HOLD_CATALOGUE, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { toWalked, type Walked, walk } from "./list-walk.ts";
import { endLostAccess } from "./lost-access.ts";
import { integer, text, timestamptz, uuid } from "./sql.ts";
import { userIdOf } from "./users.ts";

export type NewGroup = {
  readonly name: string;
  /** The provider and the rule by which its members are known. Null for a group that the owner keeps by hand. */
  readonly follows: { readonly provider: string; readonly rule: string } | null;
};

export type Group = NewGroup & {
  readonly id: string;
  readonly people: number;
  /** The servers whose rules name it, by name. */
  readonly servers: readonly string[];
};

type GroupQuery = {
  /** A part of the name. Null for all. */
  readonly search: string | null;
  /** The name after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
};

/** Columns of `groups g`. */
const columns = sql`
  g.id, g.name,
  case when g.provider is not null then jsonb_build_object('provider', g.provider, 'rule', g.rule) end as "follows",
  (select count(*)::int from group_members m where m.group_id = g.id) as "people",
  array(select r.name from access_rules a join resources r on r.id = a.resource_id
    where a.group_id = g.id order by r.name) as "servers"`;

/** A page of groups, by name. */
export const listGroups = async (
  db: Database,
  { search, after, limit }: GroupQuery,
  actor: Actor,
): Promise<Walked<Group>> =>
  toWalked(
    await db.list(sql`
      with ${walk({
        from: sql`
          select * from groups g where ${isAuthorized(actor)} and (${text(after)} is null or g.name > ${text(after)}) order by g.name`,
        matches: sql`strpos(lower(w.name), lower(coalesce(${text(search)}, ''))) > 0`,
        order: sql`w.name`,
        reverse: sql`w.name desc`,
        cursor: sql`w.name`,
        limit,
      })}
      select ${columns}, g.id is not null as "found", walk.walked_to as "walkedTo"
      from walk left join page g on true order by g.name`),
  );

/** The group with this name or id, or null. */
export async function findGroup(
  db: Database,
  which: { readonly name: string; readonly id: string | null },
  actor: Actor,
): Promise<Group | null> {
  const [group] = await db.list<Group>(sql`
    select ${columns} from groups g where ${isAuthorized(actor)} and g.id in (
      select n.id from groups n where n.name = ${text(which.name)}
      union select i.id from groups i where i.id = ${uuid(which.id)})
    order by g.name = ${text(which.name)} desc limit 1`);
  return group ?? null;
}

/** The names of the groups that a person is in, up to two hundred. */
export const listGroupsOfUser = async (db: Database, email: string, actor: Actor): Promise<string[]> =>
  (
    await db.list<{ name: string }>(sql`
      select g.name from (
        select m.group_id from group_members m
        where m.user_id = ${userIdOf(email)} and ${isAuthorized(actor)} limit 200) m
        join groups g on g.id = m.group_id order by g.name`)
  ).map(({ name }) => name);

/** The addresses of a group's members, up to a thousand. */
export const listGroupMembers = async (db: Database, id: string, actor: Actor): Promise<string[]> =>
  (
    await db.list<{ email: string }>(sql`
      select u.email from group_members m join users u on u.id = m.user_id
      where m.group_id = ${uuid(id)} and ${isAuthorized(actor)} order by u.email limit 1000`)
  ).map(({ email }) => email);

/** So many groups may follow organizations and teams of a provider, since each is a question to it at every sign-in. */
const MOST_ASKED = 100;

/**
 * Adds a group. `taken` if the name is, `unknown` if there is no such provider, `full` if it can't be asked about more
 * groups.
 */
export async function insertGroup(
  db: Database,
  group: NewGroup,
  actor: Actor,
): Promise<"added" | "taken" | "unknown" | "full"> {
  const [provider, rule] = [text(group.follows?.provider ?? null), text(group.follows?.rule ?? null)];
  const isAsked = (column: SQL): SQL => sql`${column} ~ '^(org|team):'`;
  try {
    const [row] = await db.run<{ added: boolean; known: boolean }>(sql`
      with ${recorded("group_added", "added", actor, sql`jsonb_build_object('group', name)`)`
        insert into groups (name, provider, rule, created_at)
        select ${text(group.name)}, ${provider}, ${rule}, ${timestamptz(actor.now)}
        where ${isAuthorized(actor)}
          and (${provider} is null or exists (select from providers p where p.slug = ${provider} for key share))
          and (${isAsked(rule)} is not true or ${integer(MOST_ASKED)} > (
            select count(*) from groups g where g.provider = ${provider} and ${isAsked(sql`g.rule`)}))
        returning ${auditColumns({})}, name`}
      select exists (select from added) as "added",
        ${isAuthorized(actor)} and exists (select from providers where slug = ${provider}) as "known"`);
    if (row?.added) return "added";
    return row?.known ? "full" : "unknown";
  } catch (error) {
    if (isUniqueViolation(error, "groups_name_unique")) return "taken";
    throw error;
  }
}

/** Deletes a group with the rules that name it, and the connections that its people had only through those rules. */
export async function deleteGroup(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...lockUsers(actor),
    HOLD_CATALOGUE,
    sql`select r.id from resources r where ${isAuthorized(actor)}
      and r.id in (select resource_id from access_rules where group_id = ${uuid(id)}) order by r.id for no key update`,
    sql`with ${recorded("group_deleted", "gone", actor, sql`jsonb_build_object('group', name)`)`
        delete from groups where id = ${uuid(id)} and ${isAuthorized(actor)} returning ${auditColumns({})}, name`}
      select name from gone`,
    // The deleted rules aren't known any more, so this checks every server that isn't for everybody.
    ...endLostAccess(
      sql`f.resource_id in (select id from resources where not is_open) and ${isAuthorized(actor)}`,
      actor,
    ),
  ]);
  return (rows[4]?.length ?? 0) > 0;
}

/** The person in the group that a change is about. */
const member = (id: string, email: string): SQL => sql`m.group_id = ${uuid(id)} and m.user_id = ${userIdOf(email)}`;

/** Puts somebody into a group that the owner keeps by hand. False if either doesn't exist. */
export async function insertGroupMember(db: Database, id: string, email: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...lockUsers(actor, userIdOf(email)),
    sql`select id from groups where id = ${uuid(id)} for key share`,
    sql`with ${recorded("group_member_added", "joined", actor, nameGroup(sql`group_id`))`
        insert into group_members (group_id, user_id, created_at)
        select g.id, u.id, ${timestamptz(actor.now)} from groups g, users u
        where g.id = ${uuid(id)} and g.provider is null and u.email = ${text(email)} and ${isAuthorized(actor)}
        on conflict do nothing
        returning ${auditColumns({ userId: sql`user_id` })}, group_id`}
      select user_id from joined`,
    sql`select true from group_members m where ${member(id, email)} and ${isAuthorized(actor)}`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/**
 * Removes somebody from a group that the owner keeps by hand, and ends the connections that they had only through it.
 */
export async function deleteGroupMember(db: Database, id: string, email: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    // Locks the person against gates that issue something to them.
    ...lockUsers(actor, userIdOf(email)),
    HOLD_CATALOGUE,
    sql`with ${recorded("group_member_removed", "gone", actor, nameGroup(sql`group_id`))`
        delete from group_members m using groups g
        where ${member(id, email)} and g.id = m.group_id and g.provider is null and ${isAuthorized(actor)}
        returning ${auditColumns({ userId: sql`m.user_id` })}, m.group_id`}
      select user_id from gone`,
    ...endLostAccess(sql`f.user_id = ${userIdOf(email)} and ${isAuthorized(actor)}`, actor),
  ]);
  return (rows[3]?.length ?? 0) > 0;
}
