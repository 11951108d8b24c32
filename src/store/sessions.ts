import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, authorizedUser, isLiveSession, lockUsers, type SessionKey, sessionDigestOf } from "./actor.ts";
import { auditColumns, auditEach, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { type AnsweredChallenge, answerChallenge } from "./passkeys.ts";
import { bigint, boolean, bytea, epoch, milliseconds, minus, plus, text, timestamptz, uuid } from "./sql.ts";
import type { UserRole } from "./users.ts";

type SignInMethod = "password" | "passkey" | "recovery_code" | "setup_link" | "provider";

export type NewSession = {
  readonly digest: Digest;
  /** The browser's previous session, which ends here: no session is carried through a sign-in. */
  readonly replaces: Digest | null;
  readonly userAgent: string | null;
  readonly lifetimeSeconds: number;
};

/**
 * A verified proof by which a person signs in. This statement checks that it still holds, and uses it up if it is good
 * once.
 */
export type SignInProof =
  | {
      readonly method: "password";
      readonly userId: string;
      readonly verifiedHash: string | null;
      /** A new hash of the same password, if the old one had outdated parameters. */
      readonly newHash: string | null;
    }
  | {
      readonly method: "passkey";
      readonly passkeyId: string;
      readonly signatureCounter: number;
      readonly backedUp: boolean;
      readonly challenge: AnsweredChallenge;
    }
  | { readonly method: "recovery_code"; readonly digest: Digest };

/** Signs a person in. False if the proof is used up or void, or if the account was disabled meanwhile. */
export async function insertSession(
  db: Database,
  session: NewSession,
  proof: SignInProof,
  actor: Actor,
): Promise<boolean> {
  const event = proof.method === "recovery_code" ? "signed_in_with_recovery_code" : "signed_in";
  const rows = await db.run(sql`
    with ${provenPerson(proof, actor.now)},
    ${startSession(session, proof.method, actor.now)},
    audit as (${auditEach(event, sql`started`, actor)})
    select user_id from started`);
  return rows.length > 0;
}

/**
 * The CTEs `ended` and `started`, which start a session for the `person`, if there is one. Somebody who comes from a
 * provider may have signed in there earlier, and counts as signed in since then.
 */
export const startSession = (
  session: NewSession,
  method: SignInMethod,
  now: Date,
  authenticatedAt: Date = now,
): SQL => sql`
  ended as (delete from sessions where digest = ${bytea(session.replaces)} and exists (select from person)),
  started as (
    insert into sessions
      (digest, user_id, authentication_method, authenticated_at, created_at, last_seen_at, expires_at, user_agent)
    select ${bytea(session.digest)}, id, ${text(method)}, ${timestamptz(authenticatedAt)}, ${timestamptz(now)}, ${timestamptz(now)},
      ${plus(now, session.lifetimeSeconds)}, ${text(session.userAgent)} from person
    returning ${auditColumns({ userId: sql`user_id` })})`;

/**
 * The CTEs up to `person`, who has proven to be this person. The person is locked before the credential that proved it,
 * as everywhere. So a change of their credentials either comes first and removes that credential, or comes after.
 */
function provenPerson(proof: SignInProof, now: Date): SQL {
  switch (proof.method) {
    case "password":
      // One or the other, since a statement that locks a row and then updates it queues for it twice, and can deadlock.
      return proof.newHash === null
        ? sql`person as (select id from users where ${isVerified(proof)} for no key update)`
        : sql`person as (
            update users set password_hash = ${text(proof.newHash)} where ${isVerified(proof)} returning id)`;
    case "passkey":
      return sql`locked_user as (
          select u.id from users u
          where u.disabled_at is null and u.id = (select user_id from passkeys where id = ${text(proof.passkeyId)})
          for no key update),
        ${answerChallenge(proof.challenge, sql`locked_user`)},
        person as (
          update passkeys p set last_used_at = ${timestamptz(now)}, backed_up = ${boolean(proof.backedUp)},
            signature_counter = greatest(p.signature_counter, ${bigint(proof.signatureCounter)})
          from locked_user, answered where p.id = ${text(proof.passkeyId)} and p.user_id = locked_user.id returning p.user_id as id)`;
    case "recovery_code":
      return sql`locked_user as (
          select u.id from users u
          where u.disabled_at is null and u.id = (select user_id from recovery_codes where digest = ${bytea(proof.digest)})
          for no key update),
        person as (
          update recovery_codes r set used_at = ${timestamptz(now)} from locked_user
          where r.digest = ${bytea(proof.digest)} and r.used_at is null and r.user_id = locked_user.id
          returning r.user_id as id)`;
  }
}

/** A user whose password still is the one that was verified. */
const isVerified = ({ userId, verifiedHash }: SignInProof & { readonly method: "password" }): SQL => sql`
  id = ${uuid(userId)} and disabled_at is null and password_hash is not distinct from ${text(verifiedHash)}`;

export type SessionPerson = {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly role: UserRole;
  /** Milliseconds since 1970. */
  readonly authenticatedAt: number;
};

/** A session is stamped as seen at most this often, so that reading pages doesn't always write a row. */
const SEEN_SECONDS = 300;

/** The CTEs `live_session`, the session with its person, and `seen`, which stamps it. */
export const liveSession = (session: SessionKey, now: Date): SQL => sql`
  live_session as (
    select s.id as session_id, s.digest, s.last_seen_at, s.authenticated_at, u.id, u.email, u.role
    from sessions s join users u on u.id = s.user_id where ${isLiveSession(session, now)}),
  seen as (
    update sessions s set last_seen_at = ${timestamptz(now)} from live_session l
    where s.digest = l.digest and l.last_seen_at < ${minus(now, SEEN_SECONDS)})`;

/** Who is signed in, or null. */
export async function findSessionPerson(db: Database, session: SessionKey, now: Date): Promise<SessionPerson | null> {
  const [person] = await db.run<SessionPerson>(sql`
    with ${liveSession(session, now)}
    select session_id as "sessionId", id as "userId", email, role,
      ${milliseconds(sql`authenticated_at`)} as "authenticatedAt" from live_session`);
  return person ?? null;
}

export type ListedSession = {
  readonly id: string;
  readonly method: SignInMethod;
  readonly userAgent: string | null;
  /** Seconds since 1970. */
  readonly authenticatedAt: number;
  readonly lastSeenAt: number;
};

/** Where a person is signed in, most recently seen first. */
export const listSessions = (db: Database, userId: string, idleSeconds: number, now: Date): Promise<ListedSession[]> =>
  db.read<ListedSession>(sql`
    select id, authentication_method as "method", user_agent as "userAgent",
      ${epoch(sql`created_at`)} as "authenticatedAt", ${epoch(sql`last_seen_at`)} as "lastSeenAt"
    from sessions
    where user_id = ${uuid(userId)} and expires_at > ${timestamptz(now)} and last_seen_at > ${minus(now, idleSeconds)}
    order by last_seen_at desc, id limit 100`);

/** Signs out. Does nothing if the session has already ended. */
export async function deleteSession(db: Database, digest: Digest, actor: Actor): Promise<void> {
  await db.run(sql`with ${endSessions(sql`digest = ${bytea(digest)}`, actor)} select user_id from ended`);
}

/** Ends sign-ins of the acting person: the one with an id, or all but the current one. Returns how many. */
export async function deleteOwnSessions(db: Database, id: string | "others", actor: Actor): Promise<number> {
  const own = authorizedUser(actor);
  const which = id === "others" ? sql`digest <> ${bytea(sessionDigestOf(actor))}` : sql`id = ${uuid(id)}`;
  const rows = await db.batch([
    ...lockUsers(actor),
    sql`with ${endSessions(sql`user_id = ${own} and ${which}`, actor)} select user_id from ended`,
  ]);
  return rows.at(-1)?.length ?? 0;
}

const endSessions = (condition: SQL, actor: Actor): SQL => sql`
  ${recorded("signed_out", "ended", actor)`
    delete from sessions where ${condition}
    returning ${auditColumns({ userId: sql`user_id` })}`}`;
