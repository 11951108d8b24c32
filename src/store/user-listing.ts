import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { toWalked, type Walked, walk } from "./list-walk.ts";
import { epoch, text } from "./sql.ts";
import { countLiveFamilies } from "./token-families.ts";
import type { UserRole } from "./users.ts";

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

export const USER_STATES = ["owner", "member", "disabled"] as const;
export type UserState = (typeof USER_STATES)[number];

export type UserQuery = {
  /** A part of an address. Null for all. */
  readonly search: string | null;
  /** The address after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
  /** Null for all. */
  readonly state: UserState | null;
  readonly fromZ: boolean;
};

/** The state of a user `w`. */
const isInState = (state: UserState | null): SQL =>
  state === null
    ? sql`true`
    : state === "disabled"
      ? sql`w.disabled_at is not null`
      : sql`(w.role = ${text(state)} and w.disabled_at is null)`;

/** A page of people in the order of their addresses, or in reverse. */
export async function listUsers(
  db: Database,
  { search, after, limit, state, fromZ }: UserQuery,
  actor: Actor,
): Promise<Walked<UserSummary>> {
  const [direction, opposite] = fromZ ? [sql`desc`, sql`asc`] : [sql`asc`, sql`desc`];
  return toWalked(
    await db.list(sql`
      with ${walk({
        from: sql`
          select * from users u
          where ${isAuthorized(actor)} and (${text(after)} is null or u.email ${fromZ ? sql`<` : sql`>`} ${text(after)})
          order by u.email ${direction}`,
        matches: sql`${isInState(state)} and strpos(w.email, coalesce(${text(search)}, '')) > 0`,
        named: sql`select * from users w
          where ${isAuthorized(actor)} and w.email = ${text(search)} and ${text(after)} is null and ${isInState(state)}`,
        order: sql`w.email ${direction}`,
        reverse: sql`w.email ${opposite}`,
        cursor: sql`w.email`,
        limit,
      })}
      select u.id, u.email, u.role, u.disabled_at is not null as "disabled", u.password_hash is not null as "hasPassword",
        (select count(*)::int from passkeys p where p.user_id = u.id) as "passkeys",
        ${countLiveFamilies("user_id", sql`u.id`, actor.now)} as "liveFamilies", ${epoch(sql`u.created_at`)} as "createdAt",
        (select ${epoch(sql`max(s.last_seen_at)`)} from sessions s where s.user_id = u.id) as "lastSeenAt",
        u.id is not null as "found", walk.walked_to as "walkedTo"
      from walk left join page u on true order by u.email ${direction}`),
  );
}
