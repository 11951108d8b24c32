import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, authorizedUser, lockUsers, sessionDigestOf } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { bytea, text, timestamptz, uuid } from "./sql.ts";

/** What a person can sign in with, apart from passkeys. */
export type Credentials = {
  readonly hasPassword: boolean;
  /** The number of unused recovery codes. */
  readonly recoveryCodes: number;
};

export async function findCredentials(db: Database, userId: string): Promise<Credentials> {
  const [row] = await db.read<Credentials>(sql`
    select password_hash is not null as "hasPassword",
      (select count(*)::int from recovery_codes where user_id = u.id and used_at is null) as "recoveryCodes"
    from users u where id = ${uuid(userId)}`);
  return row ?? { hasPassword: false, recoveryCodes: 0 };
}

/**
 * Changes the acting person's password, signs them out everywhere else and voids the links that would reset it. False
 * if they may not. The person is locked first, so that the change sees sign-ins by the old password that were under
 * way.
 */
export async function updatePassword(db: Database, passwordHash: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...lockUsers(actor),
    sql`with ${recorded("password_changed", "person", actor)`
        update users set password_hash = ${text(passwordHash)}, password_changed_at = ${timestamptz(actor.now)}
        where id = ${authorizedUser(actor)}
        returning ${auditColumns({ userId: sql`id` })}`},
      others as (
        delete from sessions s using person
        where s.user_id = person.user_id and s.digest <> ${bytea(sessionDigestOf(actor))}),
      links as (delete from setup_links l using person where l.user_id = person.user_id and l.used_at is null)
      select user_id from person`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/** Replaces the acting person's recovery codes, voiding earlier ones. False if they may not. */
export async function replaceRecoveryCodes(db: Database, digests: readonly Digest[], actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...lockUsers(actor),
    sql`delete from recovery_codes where user_id = ${authorizedUser(actor)}`,
    sql`with person as (select id from (select ${authorizedUser(actor)} as id) actor where id is not null),
      code as (
        insert into recovery_codes (digest, user_id, created_at)
        select digest, id, ${timestamptz(actor.now)} from person,
          (values ${sql.join(
            digests.map((digest) => sql`(${bytea(digest)})`),
            sql`, `,
          )}) c(digest)),
      ${recorded("recovery_codes_made", "made", actor)`
        select ${auditColumns({ userId: sql`id` })} from person`}
      select user_id from made`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}
