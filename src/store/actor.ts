import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { bytea, minus, text, timestamptz } from "./sql.ts";

/** How long a session is good: see `isLiveSession`. */
export type SessionKey = { readonly digest: Digest | null; readonly idleSeconds: number };

/** The right of a person, by a session. The statement that carries something out asks whether they still have it. */
type SessionAuthority = SessionKey & {
  /** The role that it takes. */
  readonly role: "owner" | "member";
  /** Since when the person must have signed in, for what a borrowed browser must not do. */
  readonly signedInSince: Date | null;
};

/**
 * Says who acts: when, from which address, and with what right. The door that checks the right makes it (middleware, command
 * line, cron), and it is passed on unchanged to the statement, which asks once more and writes it into the audit log.
 *
 * The operator has the database and may do anything, nobody only what strangers may.
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
 *   people → sessions → credentials and setup links → clients → the catalogue → resources → providers → groups, their members and
 *   access rules → families → codes → tokens → linked accounts → what they may be used for → links that ask for them
 *
 * A row that refers to others locks them when it is written, and one that is deleted takes those that refer to it along. So a
 * statement that writes or deletes locks what stands above first. It may leave the order where no other can wait for it: for rows that
 * it has made itself, below a row that it holds against everybody else, and with `skip locked`. `test/store/pairs-races.test.ts` runs
 * every statement against every other.
 */

/**
 * Holds the catalogue of resources and providers, which owners change: one at a time. There is at most one default, and
 * deleting any of them reaches far. A statement of its own, so that those that follow see what was done before.
 */
export const HOLD_CATALOGUE = sql`select pg_advisory_xact_lock(1635083369, 1000)`;

/**
 * The first statements of a transaction of several. They hold who asks, and somebody else whom it is about, until its end:
 * what the condition below says can't change between the statements that follow, which see all that was done before.
 * People are held in one order, and before their sessions, so that no two wait for each other.
 */
export const lockUsers = (actor: Actor, other: SQL = sql`null::uuid`): readonly [SQL, SQL] => [
  sql`select id from users where id in (${authorizedUser(actor)}, ${other}) order by id for no key update`,
  sql`select digest from sessions where digest = ${bytea(sessionDigestOf(actor))} for share`,
];

/** The session that somebody asks by. */
export const sessionDigestOf = ({ authority }: Pick<Actor, "authority">): Digest | null =>
  typeof authority === "string" ? null : authority.digest;

/** The condition that this may be done. */
export const isAuthorized = (actor: Actor): SQL =>
  typeof actor.authority === "string"
    ? sql.raw(String(actor.authority === "operator"))
    : sql`${authorizedUser(actor)} is not null`;
