import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { after, bytes, instant, text } from "./sql.ts";

/** How long a session is good: see `isLiveSession`. */
export type SessionKey = { readonly digest: Digest | null; readonly idleSeconds: number };

/** A person acts, by a session. The statement that carries the act out asks whether they still may. */
export type SessionAuthority = SessionKey & {
  /** The role that the act takes. */
  readonly role: "owner" | "member";
  /** Since when the person must have signed in, for acts that a borrowed browser must not do. */
  readonly signedInSince: Date | null;
};

/** In whose name something is done: the operator has the database and may do anything, nobody nothing of that kind. */
export type Authority = "operator" | "nobody" | SessionAuthority;

type Act = { readonly now: Date; readonly authority: Authority };

/** The condition that a session `s` of a user `u` is good. */
export const isLiveSession = ({ digest, idleSeconds }: SessionKey, now: Date): SQL => sql`
  s.digest = ${bytes(digest)} and s.expires_at > ${instant(now)} and s.last_seen_at > ${after(now, -idleSeconds)}
  and u.disabled_at is null`;

/** A scalar: the id of the person who may do this, or null. */
export const authorizedUser = ({ authority, now }: Act): SQL =>
  typeof authority === "string"
    ? sql`null::uuid`
    : sql`(select u.id from sessions s join users u on u.id = s.user_id
        where ${isLiveSession(authority, now)} and u.role in ('owner', ${text(authority.role)})
          and s.authenticated_at >= coalesce(${instant(authority.signedInSince)}, '-infinity'))`;

/**
 * The first statements of a transaction of several. They hold who asks, and somebody else whom it is about, until its end:
 * what the condition below says can't change between the statements that follow, which see all that was done before.
 * People are held in one order, and before their sessions, so that no two wait for each other.
 */
export const holdPeople = (act: Act, other: SQL = sql`null::uuid`): readonly [SQL, SQL] => [
  sql`select id from users where id in (${authorizedUser(act)}, ${other}) order by id for no key update`,
  sql`select digest from sessions where digest = ${bytes(sessionDigestOf(act))} for share`,
];

/** The session that somebody asks by. */
export const sessionDigestOf = ({ authority }: Pick<Act, "authority">): Digest | null =>
  typeof authority === "string" ? null : authority.digest;

/** The condition that this may be done. */
export const isAuthorized = (act: Act): SQL =>
  typeof act.authority === "string"
    ? sql.raw(String(act.authority === "operator"))
    : sql`${authorizedUser(act)} is not null`;
