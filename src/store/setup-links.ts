import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, authorizedUser, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, auditEach, recorded } from "./audit-events.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { type AnsweredChallenge, answerChallenge, insertPasskeyFor, type NewPasskey } from "./passkeys.ts";
import { type NewSession, startSession } from "./sessions.ts";
import { bytea, epoch, text, timestamptz, uuid } from "./sql.ts";
import { type UserRole, userIdOf } from "./users.ts";

const AUDITED = auditColumns({ userId: sql`user_id` });

/** What a link is for: a new account, or new credentials for an existing one. */
export type SetupLinkPurpose =
  | { readonly kind: "invitation"; readonly role: UserRole; readonly email: string | null }
  | { readonly kind: "reset"; readonly email: string };

/**
 * Adds a link and replaces those that wait for the same person. False if the actor may not, if there is no such person
 * to reset, or if the invited person already exists. It ends with the owner who made it.
 */
export async function insertSetupLink(
  db: Database,
  link: { readonly digest: Digest; readonly purpose: SetupLinkPurpose; readonly expiresAt: Date },
  actor: Actor,
): Promise<boolean> {
  const { purpose } = link;
  const whom =
    purpose.kind === "invitation"
      ? sql`select ${text(purpose.role)} as role, ${text(purpose.email)} as email, null::uuid as user_id`
      : sql`select null::text as role, null::text as email, id as user_id from users where email = ${text(purpose.email)}`;
  const rows = await db.batch([
    ...lockUsers(actor, userIdOf(purpose.email ?? "")),
    // Takes a lock on an address that nobody has yet, so that the later of two invitations sees the earlier.
    sql`select pg_advisory_xact_lock(hashtextextended(${text(purpose.email)}, 0))`,
    sql`with ${recorded("setup_link_created", "link", actor)`
        insert into setup_links (digest, role, email, user_id, created_by, created_at, expires_at)
        select ${bytea(link.digest)}, role, email, user_id, ${authorizedUser(actor)}, ${timestamptz(actor.now)},
          ${timestamptz(link.expiresAt)}
        from (${whom}) whom where ${isAuthorized(actor)} and not exists (select from users u where u.email = whom.email)
        returning email, ${AUDITED}`},
      older as (
        delete from setup_links l using link
        where l.used_at is null and (l.email = link.email or l.user_id = link.user_id))
      select true as made from link`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

export type SetupLink = {
  readonly role: UserRole | null;
  /** The address of the account, existing or new. Null if the person may choose. */
  readonly email: string | null;
  /** The person whose credentials a reset replaces. */
  readonly userId: string | null;
};

/** A link that can still be used, or null. */
export async function findSetupLink(db: Database, digest: Digest, now: Date): Promise<SetupLink | null> {
  const [link] = await db.read<SetupLink>(sql`
    select l.role, coalesce(l.email, u.email) as email, l.user_id as "userId"
    from setup_links l left join users u on u.id = l.user_id
    where l.digest = ${bytea(digest)} and l.used_at is null and l.expires_at > ${timestamptz(now)} and u.disabled_at is null`);
  return link ?? null;
}

export type SetupCredential =
  | { readonly method: "password"; readonly passwordHash: string }
  | { readonly method: "passkey"; readonly passkey: NewPasskey; readonly challenge: AnsweredChallenge };

type SetupLinkUse = {
  readonly digest: Digest;
  /** The id that a new account gets. */
  readonly newUserId: string;
  /** The address that the person chose. Only counts if the link names nobody. */
  readonly email: string;
  readonly credential: SetupCredential;
  readonly session: NewSession;
};

/**
 * Uses a link up: makes the account, or replaces all credentials of the one that it resets and ends its sessions. Then
 * signs the person in. Of two uses at once, exactly one succeeds. The person who is reset is locked first, so that
 * credentials that they are just adding are replaced too. `taken` if an account has the address.
 */
export async function consumeSetupLink(
  db: Database,
  { digest, newUserId, email, credential, session }: SetupLinkUse,
  actor: Actor,
): Promise<"done" | "void" | "taken"> {
  const { now } = actor;
  const hash = credential.method === "password" ? credential.passwordHash : null;
  const passkey = credential.method === "passkey" ? credential : null;
  try {
    const [, rows] = await db.batch([
      sql`select id from users where id = (select user_id from setup_links where digest = ${bytea(digest)}) for no key update`,
      sql`with usable as (select id from setup_links where digest = ${bytea(digest)} and used_at is null),
      ${passkey ? sql`${answerChallenge(passkey.challenge, sql`usable`)},` : sql``}
      link as (
        update setup_links l set used_at = ${timestamptz(now)}
        where l.digest = ${bytea(digest)} and l.used_at is null and l.expires_at > ${timestamptz(now)}
          and (l.user_id is null or exists (select from users u where u.id = l.user_id and u.disabled_at is null))
          ${passkey ? sql`and exists (select from answered)` : sql``}
        returning l.role, l.email, l.user_id),
      invited as (
        insert into users (id, email, role, password_hash, password_changed_at, created_at)
        select ${uuid(newUserId)}, coalesce(email, ${text(email)}), role, ${text(hash)}, ${timestamptz(now)}, ${timestamptz(now)}
        from link where user_id is null returning id, id as user_id),
      reset as (
        update users u set password_hash = ${text(hash)}, password_changed_at = ${timestamptz(now)} from link l
        where u.id = l.user_id and u.disabled_at is null returning u.id, u.id as user_id),
      old_passkeys as (delete from passkeys p using reset where p.user_id = reset.id),
      other_links as (
        delete from setup_links l using reset
        where l.user_id = reset.id and l.used_at is null and l.digest <> ${bytea(digest)}),
      old_identities as (delete from identities i using reset where i.user_id = reset.id),
      old_codes as (delete from recovery_codes c using reset where c.user_id = reset.id),
      old_sessions as (delete from sessions s using reset where s.user_id = reset.id),
      person as (select id from invited union all select id from reset),
      ${passkey ? sql`passkey as (${insertPasskeyFor(passkey.passkey, sql`person`, now)}),` : sql``}
      ${startSession(session, "setup_link", now)},
      audit_created as (${auditEach("user_created", sql`(select ${AUDITED} from invited) i`, actor)}),
      audit_reset as (${auditEach("credentials_reset", sql`(select ${AUDITED} from reset) r`, actor)}),
      audit as (${auditEach("signed_in", sql`started`, actor)})
      select user_id from started`,
    ]);
    return rows && rows.length > 0 ? "done" : "void";
  } catch (error) {
    if (isUniqueViolation(error, "users_email_unique")) return "taken";
    if (isUniqueViolation(error, "passkeys_pkey")) return "void";
    throw error;
  }
}

export type ListedSetupLink = {
  readonly id: string;
  readonly role: UserRole | null;
  readonly email: string | null;
  /** Seconds since 1970. */
  readonly expiresAt: number;
};

/** The links that can still be used. */
export const listSetupLinks = (db: Database, actor: Actor): Promise<ListedSetupLink[]> =>
  db.read<ListedSetupLink>(sql`
    select l.id, l.role, coalesce(l.email, u.email) as email, ${epoch(sql`l.expires_at`)} as "expiresAt"
    from setup_links l left join users u on u.id = l.user_id
    where l.used_at is null and l.expires_at > ${timestamptz(actor.now)} and ${isAuthorized(actor)}
    order by l.created_at desc, l.id limit 100`);

/** Voids a link. */
export async function deleteSetupLink(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.run(sql`
    with ${recorded("setup_link_revoked", "link", actor)`
      delete from setup_links where id = ${uuid(id)} and used_at is null and ${isAuthorized(actor)} returning ${AUDITED}`}
    select true as revoked from link`);
  return rows.length > 0;
}
