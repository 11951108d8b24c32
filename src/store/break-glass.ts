import { type SQL, sql } from "drizzle-orm";
import { type Actor, holdPeople, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";
import { userIdOf } from "./users.ts";

export type RevocationTarget =
  | { readonly kind: "all" }
  | { readonly kind: "user"; readonly email: string }
  | { readonly kind: "client"; readonly id: string }
  | { readonly kind: "resource"; readonly uri: string };

/**
 * Ends codes, token families and, where it is about people, their sessions and setup links, in one transaction; how many
 * families, or null if there is nobody and nothing of that name. Codes go first: deleting one waits
 * for a redemption under way, so the statement that revokes, being younger, sees the family it founded.
 */
export async function revokeEverything(db: Database, target: RevocationTarget, actor: Actor): Promise<number | null> {
  const ofTarget = sql`${condition(target)} and ${isAuthorized(actor)}`;
  const isAboutPeople = target.kind === "all" || target.kind === "user";
  const [, , , , , revoked] = await db.batch([
    // A consent under way ends before this begins: its code would not be seen here, and could be redeemed afterwards.
    sql`lock table authorization_codes, device_codes, setup_links in share row exclusive mode`,
    ...holdPeople(actor),
    sql`delete from authorization_codes f where f.redeemed_at is null and ${ofTarget}`,
    sql`delete from device_codes f where f.redeemed_at is null and ${ofTarget}`,
    sql`with ${revokeSelected(ofTarget, "revoked_by_owner", actor)}
      select ${isKnown(target)} as known, (select count(*)::int from revoked) as families`,
    // Last, since the owner's own session may be among them.
    ...(isAboutPeople
      ? [
          sql`delete from setup_links l where l.used_at is null and ${isAuthorized(actor)} and ${isLinkOf(target)}`,
          sql`delete from sessions f where ${ofTarget}`,
        ]
      : []),
  ]);
  const [{ known, families } = { known: false, families: 0 }] = revoked as [{ known: boolean; families: number }?];
  return known ? families : null;
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

/** Over setup links `l`: of the target are those that are for somebody, and those that they made. */
const isLinkOf = (target: RevocationTarget): SQL =>
  target.kind === "user" ? sql`${userIdOf(target.email)} in (l.user_id, l.created_by)` : sql`true`;

/** Over any table `f` that has the columns. */
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
