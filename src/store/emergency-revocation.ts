import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized, lockUsers } from "./actor.ts";
import type { Database } from "./database.ts";
import { text, uuid } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";
import { userIdOf } from "./users.ts";

export type RevocationTarget =
  | { readonly kind: "all" }
  | { readonly kind: "user"; readonly email: string }
  | { readonly kind: "client"; readonly id: string }
  | { readonly kind: "resource"; readonly uri: string };

/**
 * Ends codes and token families and, if it is about people, their sessions and setup links, in one transaction. Returns
 * how many families, or null if nobody and nothing has that name. Everything that issues a code or a token locks its
 * person, session, client and resource for share. So nothing more is issued for a locked row, and whatever was being
 * issued has been committed before the statements after the locks look.
 */
export async function revokeEverything(db: Database, target: RevocationTarget, actor: Actor): Promise<number | null> {
  const ofTarget = sql`${condition(target)} and ${isAuthorized(actor)}`;
  const isAboutPeople = target.kind === "all" || target.kind === "user";
  const locks = locksOf(target, actor);
  const results = await db.batch([
    ...locks,
    sql`with ${revokeSelected(ofTarget, "revoked_by_owner", actor)}
      select ${isKnown(target)} as known, (select count(*)::int from revoked) as families`,
    sql`delete from authorization_codes f where f.redeemed_at is null and ${ofTarget}`,
    sql`delete from device_codes f where f.redeemed_at is null and ${ofTarget}`,
    // Comes last, since the owner's own session may be among them.
    ...(isAboutPeople
      ? [
          sql`delete from setup_links l where l.used_at is null and ${isAuthorized(actor)} and ${isLinkOf(target)}`,
          sql`delete from sessions f where ${ofTarget}`,
        ]
      : []),
  ]);
  const revoked = results[locks.length] as [{ known: boolean; families: number }?];
  const [{ known, families } = { known: false, families: 0 }] = revoked;
  return known ? families : null;
}

/** Ends one connection of anybody. False if no live one has this id. */
export async function revokeAnyConnection(db: Database, id: string, actor: Actor): Promise<boolean> {
  const isIt = sql`f.id = ${uuid(id)} and ${isAuthorized(actor)}`;
  const rows = await db.run(sql`
    with ${revokeSelected(isIt, "revoked_by_owner", actor)} select family_id from revoked`);
  return rows.length > 0;
}

/** Locks in the common order: people, sessions, clients, resources. */
function locksOf(target: RevocationTarget, actor: Actor): readonly [SQL, ...SQL[]] {
  switch (target.kind) {
    case "all":
      // Takes one lock on the table instead of one for each person. It stops everybody who locks a person or writes a
      // row that refers to one, but lets everybody read. A second table lock would be taken in another order by
      // somebody else, since writing a row opens all tables that it refers to.
      return [sql`lock table users in exclusive mode`];
    case "user":
      return [
        ...lockUsers(actor, userIdOf(target.email)),
        sql`select from sessions f where ${condition(target)} order by f.digest for update`,
      ];
    case "client":
      return [...lockUsers(actor), sql`select from clients where id = ${text(target.id)} for no key update`];
    case "resource":
      return [...lockUsers(actor), sql`select from resources where uri = ${text(target.uri)} for no key update`];
  }
}

function isKnown(target: RevocationTarget): SQL {
  switch (target.kind) {
    case "all":
      return sql`true`;
    case "user":
      return sql`${userIdOf(target.email)} is not null`;
    case "client":
      return sql`exists (select from clients where id = ${text(target.id)})`;
    case "resource":
      return sql`exists (select from resources where uri = ${text(target.uri)})`;
  }
}

/** A condition on setup links `l`: those for the target people, and those that they made. */
const isLinkOf = (target: RevocationTarget): SQL =>
  target.kind === "user" ? sql`${userIdOf(target.email)} in (l.user_id, l.created_by)` : sql`true`;

/** A condition on any table `f` that has these columns. */
function condition(target: RevocationTarget): SQL {
  switch (target.kind) {
    case "all":
      return sql`true`;
    case "user":
      return sql`f.user_id = ${userIdOf(target.email)}`;
    case "client":
      return sql`f.client_id = ${text(target.id)}`;
    case "resource":
      return sql`f.resource_id = (select id from resources where uri = ${text(target.uri)})`;
  }
}
