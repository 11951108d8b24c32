import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { bytea, minus, text, timestamptz } from "./sql.ts";

/** How long a session is good, see `isLiveSession`. */
export type SessionKey = { readonly digest: Digest | null; readonly idleSeconds: number };

/** The right of a person, proven by a session. The statement that makes a change checks that they still have it. */
type SessionAuthority = SessionKey & {
  /** The role that the act requires. */
  readonly role: "owner" | "member";
  /** The time since which the person must have signed in, for acts that a borrowed browser must not allow. */
  readonly signedInSince: Date | null;
};

/**
 * Who acts: when, from which address, and with what right. The door that checks the right makes it (middleware, command
 * line, cron). It is passed on unchanged to the statement, which checks the right again and writes the actor into the
 * audit log.
 *
 * The operator has the database and may do anything. Nobody may do only what strangers may.
 */
export type Actor = {
  readonly now: Date;
  readonly address: string | null;
  readonly authority: "operator" | "nobody" | SessionAuthority;
};

/** The condition that a session `s` of a user `u` is good. */
export const isLiveSession = ({ digest, idleSeconds }: SessionKey, now: Date): SQL => sql`
  s.digest = ${bytea(digest)} and s.expires_at > ${timestamptz(now)} and s.last_seen_at > ${minus(now, idleSeconds)}
  and u.disabled_at is null`;

/** A scalar: the id of the person who may do this, or null. */
export const authorizedUser = ({ authority, now }: Actor): SQL =>
  typeof authority === "string"
    ? sql`null::uuid`
    : sql`(select u.id from sessions s join users u on u.id = s.user_id
        where ${isLiveSession(authority, now)} and u.role in ('owner', ${text(authority.role)})
          and s.authenticated_at >= coalesce(${timestamptz(authority.signedInSince)}, '-infinity'))`;

/**
 * Locks are taken in one order everywhere, each kind by key, so that no two transactions wait for each other:
 *
 * rules about apps → people → sessions → credentials and setup links → trusted issuers → clients → the catalogue →
 * resources → providers → groups, their members and access rules → families → codes → tokens → linked accounts → their
 * uses → links that ask for them
 *
 * Writing a row locks the rows that it refers to, and deleting one deletes the rows that refer to it. So a statement
 * that writes or deletes first locks the rows above. It may leave the order only if no other transaction can wait for
 * it: for rows that it has inserted itself, for rows below one that it has locked exclusively, and with `skip locked`.
 * `test/races/pairs.test.ts` runs every statement against every other.
 */

/**
 * Locks the catalogue of resources and providers, so that owners change it one at a time: there is at most one default,
 * and deleting an entry reaches far. It is a statement of its own, so that those that follow see earlier changes.
 */
export const HOLD_CATALOGUE = sql`select pg_advisory_xact_lock(1635083369, 1000)`;

/**
 * The first statements of a transaction. They lock the acting person, and the other person that it is about, until its
 * end. So the condition below can't change between the statements that follow, which see all earlier changes. People
 * are locked in one order and before their sessions, so that no two transactions deadlock.
 */
export const lockUsers = (actor: Actor, other: SQL = sql`null::uuid`): readonly [SQL, SQL] => [
  sql`select id from users where id in (${authorizedUser(actor)}, ${other}) order by id for no key update`,
  sql`select digest from sessions where digest = ${bytea(sessionDigestOf(actor))} for share`,
];

/** The acting person's session. */
export const sessionDigestOf = ({ authority }: Pick<Actor, "authority">): Digest | null =>
  typeof authority === "string" ? null : authority.digest;

/** The condition that the actor may do this. */
export const isAuthorized = (actor: Actor): SQL =>
  typeof actor.authority === "string"
    ? sql.raw(String(actor.authority === "operator"))
    : sql`${authorizedUser(actor)} is not null`;
