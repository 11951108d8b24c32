import { sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { epoch, text } from "./sql.ts";
import { countLiveFamilies } from "./token-families.ts";
import type { UserRole } from "./users.ts";
import { toWalked, type Walked, walk } from "./walk.ts";

/** A person as the owner sees them. Times in seconds since 1970. */
export type UserSummary = {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly passkeys: number;
  /** Up to `MOST_COUNTED`. */
  readonly liveFamilies: number;
  readonly createdAt: number;
  readonly lastSeenAt: number | null;
};

/** A page of people in the order of their addresses, after one of them; `search` is a part of an address. */
export async function listUsers(
  db: Database,
  { search, after, limit }: { readonly search: string | null; readonly after: string | null; readonly limit: number },
  actor: Actor,
): Promise<Walked<UserSummary>> {
  return toWalked(
    await db.list(sql`
      with ${walk({
        from: sql`select * from users u where ${isAuthorized(actor)} and u.email > coalesce(${text(after)}, '') order by u.email`,
        matches: sql`strpos(w.email, coalesce(${text(search)}, '')) > 0`,
        named: sql`select * from users where ${isAuthorized(actor)} and email = ${text(search)} and ${text(after)} is null`,
        order: sql`w.email`,
        reverse: sql`w.email desc`,
        cursor: sql`w.email`,
        limit,
      })}
      select u.id, u.email, u.role, u.disabled_at is not null as "disabled", u.password_hash is not null as "hasPassword",
        (select count(*)::int from passkeys p where p.user_id = u.id) as "passkeys",
        ${countLiveFamilies("user_id", sql`u.id`, actor.now)} as "liveFamilies", ${epoch(sql`u.created_at`)} as "createdAt",
        (select ${epoch(sql`max(s.last_seen_at)`)} from sessions s where s.user_id = u.id) as "lastSeenAt",
        u.id is not null as "found", walk.walked_to as "walkedTo"
      from walk left join page u on true order by u.email`),
  );
}
