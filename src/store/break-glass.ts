import { type SQL, sql } from "drizzle-orm";
import type { AuditContext } from "./audit-events.ts";
import { isAuthorized } from "./authority.ts";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

export type RevocationTarget =
  | { readonly kind: "all" }
  | { readonly kind: "user"; readonly email: string }
  | { readonly kind: "client"; readonly id: string }
  | { readonly kind: "resource"; readonly uri: string };

/**
 * Ends codes, token families and sessions of the people concerned, in one transaction. Codes go first: deleting one waits
 * for a redemption under way, so the statement that revokes, being younger, sees the family it founded.
 */
export async function revokeEverything(db: Database, target: RevocationTarget, audit: AuditContext): Promise<number> {
  const ofTarget = sql`${condition(target)} and ${isAuthorized(audit)}`;
  const [, , , revoked] = await db.batch([
    // A consent under way ends before this begins: its code would not be seen here, and could be redeemed afterwards.
    sql`lock table authorization_codes, device_codes in share row exclusive mode`,
    sql`delete from authorization_codes f where f.redeemed_at is null and ${ofTarget}`,
    sql`delete from device_codes f where f.redeemed_at is null and ${ofTarget}`,
    sql`with ${revokeSelected(ofTarget, "revoked_by_owner", audit)} select family_id from revoked`,
    // Last, since the owner's own session may be among them.
    ...(target.kind === "all" || target.kind === "user" ? [sql`delete from sessions f where ${ofTarget}`] : []),
  ]);
  return revoked?.length ?? 0;
}

/** Over any table `f` that has the columns. */
function condition(target: RevocationTarget): SQL {
  switch (target.kind) {
    case "all":
      return sql`true`;
    case "user":
      return sql`f.user_id = (select id from users where email = ${text(target.email)})`;
    case "client":
      return sql`f.client_id = ${text(target.id)}`;
    case "resource":
      return sql`f.resource_id = (select id from resources where uri = ${text(target.uri)})`;
  }
}
