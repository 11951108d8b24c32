import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type AuditContext, auditEach } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { after, bytes, instant, text, uuid } from "./sql.ts";

export type NewSession = {
  readonly digest: Digest;
  /** The session that the browser had before, which ends here: a session is never carried through a sign-in. */
  readonly replaces: Digest | null;
  readonly userId: string;
  readonly method: "password" | "passkey";
  readonly userAgent: string | null;
  readonly lifetimeSeconds: number;
  /** A new hash of the same password, where the old one had outdated parameters. */
  readonly passwordHash: string | null;
};

/** Signs a person in; false if the account is gone or was disabled meanwhile. */
export async function insertSession(db: Database, session: NewSession, audit: AuditContext): Promise<boolean> {
  const { now } = audit;
  const rows = await db.run(sql`
    with person as (
      select id from users where id = ${uuid(session.userId)} and disabled_at is null for no key update),
    ended as (delete from sessions where digest = ${bytes(session.replaces)}),
    rehashed as (
      update users u set password_hash = ${text(session.passwordHash)} from person
      where u.id = person.id and ${text(session.passwordHash)} is not null),
    started as (
      insert into sessions
        (digest, user_id, authentication_method, authenticated_at, last_seen_at, expires_at, user_agent)
      select ${bytes(session.digest)}, id, ${text(session.method)}, ${instant(now)}, ${instant(now)},
        ${after(now, session.lifetimeSeconds)}, ${text(session.userAgent)} from person
      returning user_id, null::text as client_id, null::text as resource_id, null::uuid as family_id),
    audit as (${auditEach("signed_in", sql`started`, audit)})
    select user_id from started`);
  return rows.length > 0;
}

/** Signs out. A session that is gone already stays gone. */
export async function deleteSession(db: Database, digest: Digest, audit: AuditContext): Promise<void> {
  await db.run(sql`
    with ended as (
      delete from sessions where digest = ${bytes(digest)}
      returning user_id, null::text as client_id, null::text as resource_id, null::uuid as family_id),
    audit as (${auditEach("signed_out", sql`ended`, audit)})
    select user_id from ended`);
}
