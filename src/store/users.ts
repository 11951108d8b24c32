import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { milliseconds, text, timestamptz } from "./sql.ts";

export type UserRole = "owner" | "member";

export type User = {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly passwordHash: string | null;
  /** Milliseconds since 1970. */
  readonly passwordChangedAt: number | null;
  readonly disabled: boolean;
};

/** `email` is in lower case. */
export async function findUserByEmail(db: Database, email: string): Promise<User | null> {
  const [user] = await db.read<User>(sql`
    select id, email, role, password_hash as "passwordHash",
      ${milliseconds(sql`password_changed_at`)} as "passwordChangedAt", disabled_at is not null as "disabled"
    from users where email = ${text(email)}`);
  return user ?? null;
}

/** A scalar: the id of the person with an address, or null. */
export const userIdOf = (email: string): SQL => sql`(select id from users where email = ${text(email)})`;

/** Whether anybody may manage this server. */
export const hasOwner = async (db: Database): Promise<boolean> =>
  (await db.read(sql`select true as found from users where role = 'owner' and disabled_at is null limit 1`)).length > 0;

/** Adds a person. Null if the address is taken. */
export async function insertUser(
  db: Database,
  user: { readonly email: string; readonly role: UserRole; readonly passwordHash: string | null },
  actor: Actor,
): Promise<{ id: string } | null> {
  try {
    const [row] = await db.run<{ id: string }>(sql`
      with ${recorded("user_created", "person", actor)`
        insert into users (email, role, password_hash, password_changed_at, created_at)
        select ${text(user.email)}, ${text(user.role)}, ${text(user.passwordHash)}, ${timestamptz(actor.now)}, ${timestamptz(actor.now)}
        where ${isAuthorized(actor)}
        returning id, ${auditColumns({ userId: sql`id` })}`}
      select id from person`);
    return row ?? null;
  } catch (error) {
    if (isUniqueViolation(error, "users_email_unique")) return null;
    throw error;
  }
}
