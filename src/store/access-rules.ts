import { type SQL, sql } from "drizzle-orm";
import { type Actor, HOLD_CATALOGUE, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { endLostAccess } from "./lost-access.ts";
import { boolean, text, textArray, timestamptz, uuid } from "./sql.ts";
import { userIdOf } from "./users.ts";

/** Whom a rule is about. */
export type AccessSubject =
  | { readonly kind: "person"; readonly email: string }
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "everybody" };

export type AccessRule = {
  readonly id: string;
  readonly kind: AccessSubject["kind"];
  /** The person's address or the group's name. Null for everybody. */
  readonly name: string | null;
  /** How many people that is. Null for everybody. */
  readonly people: number | null;
  /** The scopes that they may have. Null for all that the resource offers. */
  readonly scopes: readonly string[] | null;
};

/**
 * A JSON list of the owners' addresses, for a person who may not use a resource. Empty if the resource is for
 * everybody.
 */
export const ownersToAsk = (isOpen: SQL): SQL => sql`
  case when ${isOpen} then '[]' else (
    select coalesce(jsonb_agg(o.email), '[]') from (
      select u.email from users u where u.role = 'owner' and u.disabled_at is null order by u.created_at limit 3) o) end`;

/** Who may use a resource, in the order in which the owner added them. */
export const listAccessRules = (db: Database, resourceId: string, actor: Actor): Promise<AccessRule[]> =>
  db.list<AccessRule>(sql`
    select a.id, case when a.user_id is not null then 'person' when a.group_id is not null then 'group' else 'everybody' end as "kind",
      coalesce(u.email, g.name) as "name",
      case when a.user_id is not null then 1
        when a.group_id is not null then (select count(*)::int from group_members m where m.group_id = a.group_id) end as "people",
      to_jsonb(a.scopes) as "scopes"
    from access_rules a left join users u on u.id = a.user_id left join groups g on g.id = a.group_id
    where a.resource_id = ${text(resourceId)} and ${isAuthorized(actor)}
    order by a.created_at, a.id`);

/**
 * The first statements of a change of who may use a resource. They lock its row against the gates that issue something
 * for it. A gate that comes before has committed, so its tokens are found. One that comes after sees the change.
 */
const holdResource = (resourceId: string, actor: Actor, other?: SQL): readonly [SQL, ...SQL[]] => [
  ...lockUsers(actor, other),
  HOLD_CATALOGUE,
  sql`select id from resources where id = ${text(resourceId)} and ${isAuthorized(actor)} for no key update`,
];

/**
 * Opens a resource to everybody, or limits it to those whom its rules name. People who lose access lose their
 * connections there.
 */
export async function updateResourceOpenness(
  db: Database,
  id: string,
  isOpen: boolean,
  actor: Actor,
): Promise<boolean> {
  const rows = await db.batch([
    ...holdResource(id, actor),
    sql`with ${recorded(isOpen ? "resource_opened" : "resource_restricted", "resource", actor)`
        update resources set is_open = ${boolean(isOpen)}
        where id = ${text(id)} and is_open <> ${boolean(isOpen)} and ${isAuthorized(actor)}
        returning ${auditColumns({ resourceId: sql`id` })}`}
      select resource_id from resource`,
    ...endLostAccess(sql`f.resource_id = ${text(id)} and ${isAuthorized(actor)}`, actor),
    sql`select id from resources where id = ${text(id)} and ${isAuthorized(actor)}`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/**
 * Lets somebody use a resource, with all of its scopes or some, replacing an earlier rule about them. False if they
 * don't exist.
 */
export async function upsertAccessRule(
  db: Database,
  resourceId: string,
  subject: AccessSubject,
  scopes: readonly string[] | null,
  actor: Actor,
): Promise<boolean> {
  const user = subject.kind === "person" ? userIdOf(subject.email) : sql`null::uuid`;
  const group = subject.kind === "group" ? groupIdOf(subject.name) : sql`null::uuid`;
  const isThere = subject.kind === "everybody" ? sql`true` : sql`coalesce(${user}, ${group}) is not null`;
  const rows = await db.batch([
    ...holdResource(resourceId, actor, user),
    ...(subject.kind === "group" ? [sql`select id from groups where name = ${text(subject.name)} for key share`] : []),
    sql`with ${recorded("access_allowed", "rule", actor, nameGroup(sql`group_id`))`
        insert into access_rules as a (resource_id, user_id, group_id, scopes, created_at)
        select r.id, ${user}, ${group}, ${textArray(scopes)}, ${timestamptz(actor.now)} from resources r
        where r.id = ${text(resourceId)} and ${isThere} and ${isAuthorized(actor)}
        on conflict (resource_id, coalesce(user_id, group_id, '00000000-0000-0000-0000-000000000000'::uuid))
          do update set scopes = excluded.scopes where a.scopes is distinct from excluded.scopes
        returning ${auditColumns({ userId: sql`a.user_id`, resourceId: sql`a.resource_id` })}, a.group_id`}
      select resource_id from rule`,
    // A rule with fewer scopes may leave a connection with none.
    ...endLostAccess(sql`f.resource_id = ${text(resourceId)} and ${isAuthorized(actor)}`, actor),
    sql`select r.id from resources r where r.id = ${text(resourceId)} and ${isThere} and ${isAuthorized(actor)}`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/** Deletes a rule, and the connections of people whom no other rule lets in. */
export async function deleteAccessRule(db: Database, resourceId: string, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...holdResource(resourceId, actor, sql`(select user_id from access_rules where id = ${uuid(id)})`),
    sql`with ${recorded("access_removed", "rule", actor, nameGroup(sql`group_id`))`
        delete from access_rules where id = ${uuid(id)} and resource_id = ${text(resourceId)} and ${isAuthorized(actor)}
        returning ${auditColumns({ userId: sql`user_id`, resourceId: sql`resource_id` })}, group_id`}
      select resource_id from rule`,
    ...endLostAccess(sql`f.resource_id = ${text(resourceId)} and ${isAuthorized(actor)}`, actor),
  ]);
  return (rows.at(RULE_ROWS)?.length ?? 0) > 0;
}

/** The position of the change's answer in the batch, after the four locking statements. */
const RULE_ROWS = 4;

/** A scalar: the id of the group with a name, or null. */
const groupIdOf = (name: string): SQL => sql`(select id from groups where name = ${text(name)})`;

/** What the audit log keeps about a group: its name at the time, since the group may be deleted later. */
export const nameGroup = (groupId: SQL): SQL => sql`
  jsonb_strip_nulls(jsonb_build_object('group', (select name from groups where id = ${groupId})))`;
