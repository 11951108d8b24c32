import { type SQL, sql } from "drizzle-orm";
import { type Actor, authorizedUser, sessionDigestOf } from "./actor.ts";
import { recorded } from "./audit-events.ts";
import type { ClientRegistration } from "./clients.ts";
import { type ConnectionEvent, lately } from "./connection-events.ts";
import type { Database } from "./database.ts";
import { toWalked, type Walked, walk } from "./list-walk.ts";
import { bytea, epoch, minus, text, textArray, timestamptz, uuid } from "./sql.ts";
import { type RevocationReason, revokeSelected } from "./token-families.ts";

/** A token family as its person sees it: this app on this server. Times in seconds since 1970. */
export type Connection = {
  readonly id: string;
  /** The name that the person gave it. Null for the app's own name. */
  readonly name: string | null;
  readonly client: {
    readonly id: string;
    readonly name: string;
    readonly registration: ClientRegistration;
    readonly approved: boolean;
  };
  readonly resource: { readonly name: string; readonly uri: string };
  readonly scopes: readonly { readonly name: string; readonly description: string | null }[];
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** As far as it is known, to within the lifetime of an access token. */
  readonly lastUsedAt: number;
  readonly revokedAt: number | null;
  readonly revokedReason: RevocationReason | null;
};

/** When a family `f` was last used, as far as it is known: to within the lifetime of an access token. */
export const LAST_USED_AT = epoch(sql`greatest(f.created_at,
  (select t.used_at from refresh_tokens t where t.family_id = f.id and t.used_at is not null
    order by t.generation desc limit 1),
  (select max(t.first_used_at) from access_tokens t where t.family_id = f.id))`);

const connectionColumns = sql`
  f.id, f.name, jsonb_build_object('id', c.id, 'name', c.name, 'registration', c.registration,
    'approved', c.approved_fingerprint is not distinct from c.fingerprint) as "client",
  jsonb_build_object('name', r.name, 'uri', r.uri) as "resource",
  (select coalesce(jsonb_agg(jsonb_build_object('name', g.name, 'description', s.description) order by g.n), '[]')
    from unnest(f.scopes) with ordinality g(name, n)
      left join scopes s on s.resource_id = f.resource_id and s.name = g.name) as "scopes",
  f.user_agent as "userAgent", ${epoch(sql`f.created_at`)} as "createdAt", ${epoch(sql`f.expires_at`)} as "expiresAt",
  ${LAST_USED_AT} as "lastUsedAt",
  ${epoch(sql`f.revoked_at`)} as "revokedAt", f.revoked_reason as "revokedReason"`;

const FROM = sql`token_families f join clients c on c.id = f.client_id join resources r on r.id = f.resource_id`;

/** Columns of a family `w`. */
const isLive = (now: Date): SQL => sql`(w.revoked_at is null and w.expires_at > ${timestamptz(now)})`;

/** Whether the name of a family `w`, its client or its resource contains this. */
const isCalled = (search: string | null): SQL =>
  search === null
    ? sql`true`
    : sql`exists (select from clients c, resources r where c.id = w.client_id and r.id = w.resource_id
        and strpos(lower(concat_ws(E'\\n', w.name, c.name, r.name)), lower(${text(search)})) > 0)`;

type ConnectionListQuery = {
  readonly which: "live" | "ended";
  /** A part of the name of the connection, its app or its server. Null for all. */
  readonly search: string | null;
  /** The id of the connection after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
  readonly oldestFirst: boolean;
};

export type OwnConnection = Connection & {
  /** The last few events, the last refresh and the last tool call, newest first. */
  readonly lately: readonly ConnectionEvent[];
};

/** A page of a person's connections, newest or oldest first: those that work, or those that have ended. */
export async function listConnections(
  db: Database,
  userId: string,
  { which, search, after, limit, oldestFirst }: ConnectionListQuery,
  now: Date,
): Promise<Walked<OwnConnection>> {
  const [direction, opposite] = oldestFirst ? [sql`asc`, sql`desc`] : [sql`desc`, sql`asc`];
  return toWalked(
    await db.list(sql`
      with ${walk({
        from: sql`
          select * from token_families f
          where f.user_id = ${uuid(userId)} and (${uuid(after)} is null
            or (f.created_at, f.id) ${oldestFirst ? sql`>` : sql`<`} (select l.created_at, l.id from token_families l
              where l.id = ${uuid(after)} and l.user_id = f.user_id))
          order by f.created_at ${direction}, f.id ${direction}`,
        matches: sql`${which === "live" ? sql`` : sql`not`} ${isLive(now)} and ${isCalled(search)}`,
        order: sql`w.created_at ${direction}, w.id ${direction}`,
        reverse: sql`w.created_at ${opposite}, w.id ${opposite}`,
        cursor: sql`w.id`,
        limit,
      })}
      select ${connectionColumns}, ${lately(sql`f.id`)} as "lately", f.id is not null as "found", walk.walked_to as "walkedTo"
      from walk left join page f on true left join clients c on c.id = f.client_id left join resources r on r.id = f.resource_id
      order by f.created_at ${direction}, f.id ${direction}`),
  );
}

/** A scope with its server's sentence about it. */
type DescribedScope = {
  readonly name: string;
  readonly description: string;
  readonly implies: readonly string[];
};

export type ConnectionDetails = Connection & {
  /** Scopes that its server offers, that it doesn't have, and that its person may add. */
  readonly addable: readonly DescribedScope[];
  /** Scopes that its person has just taken away in this session and can still restore. */
  readonly restorable: readonly DescribedScope[];
};

/** The scopes `s` that may be added to a family `f` of a client `c`. */
const ADDABLE = sql`s.resource_id = f.resource_id and s.name <> all(f.scopes)
  and c.disabled_at is null and coalesce(c.resource_id, f.resource_id) = f.resource_id
  and cardinality(allowed_scopes_1(f.resource_id, f.user_id, array[s.name])) > 0`;

/**
 * Those of them that the person took away within the last seconds, in the same session. Anywhere else, or later, it
 * takes a fresh sign-in to restore them.
 */
const restorable = (seconds: number, { now, authority }: Actor): SQL => sql`${ADDABLE} and s.name = any(f.narrowed_from)
  and f.narrowed_at > ${minus(now, seconds)} and f.narrowed_by = ${bytea(sessionDigestOf({ authority }))}`;

const offered = (condition: SQL): SQL => sql`(
  select coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'description', s.description, 'implies', to_jsonb(s.implies))
    order by s.position), '[]') from scopes s where ${condition})`;

/** One connection of a person, or null, with the scopes that this session can restore for so many seconds. */
export async function findConnection(
  db: Database,
  userId: string,
  id: string,
  undoSeconds: number,
  actor: Actor,
): Promise<ConnectionDetails | null> {
  const [connection] = await db.list<ConnectionDetails>(sql`
    select ${connectionColumns}, ${offered(ADDABLE)} as "addable", ${offered(restorable(undoSeconds, actor))} as "restorable"
    from ${FROM} where f.id = ${uuid(id)} and f.user_id = ${uuid(userId)}`);
  return connection ?? null;
}

const AUDITED = sql`f.user_id, f.client_id, f.resource_id, f.id as family_id`;

/** A live family of the acting person. */
const isOwn = (id: string, actor: Actor): SQL => sql`
  f.id = ${uuid(id)} and f.user_id = ${authorizedUser(actor)} and f.revoked_at is null`;

/** Renames a connection, or with null gives it its app's name again. */
export async function updateConnectionName(db: Database, id: string, name: string | null, actor: Actor) {
  const rows = await db.run(sql`
    with ${recorded("family_renamed", "family", actor)`
      update token_families f set name = ${text(name)} where ${isOwn(id, actor)} returning ${AUDITED}`}
    select family_id from family`);
  return rows.length > 0;
}

/** Takes scopes away from a connection. It keeps those that are named, and never gets one that it doesn't have. */
export async function updateConnectionScopes(db: Database, id: string, keep: readonly string[], actor: Actor) {
  const kept = sql`array(
    select s from unnest(f.scopes) with ordinality x(s, n) where s = any(${textArray(keep)}) order by n)`;
  const rows = await db.run(sql`
    with ${recorded("family_narrowed", "family", actor)`
      update token_families f set scopes = ${kept}, granted_scopes = coalesce(f.granted_scopes, f.scopes),
        narrowed_from = f.scopes, narrowed_at = ${timestamptz(actor.now)}, narrowed_by = ${bytea(sessionDigestOf(actor))}
      where ${isOwn(id, actor)} and f.scopes && ${textArray(keep)} returning ${AUDITED}`}
    select family_id from family`);
  return rows.length > 0;
}

/**
 * Adds scopes of its server to a live connection, for its person after a fresh sign-in. Of the scopes that are named,
 * it adds those that may be added. The next refresh carries them.
 */
export async function addConnectionScopes(db: Database, id: string, add: readonly string[], actor: Actor) {
  const added = sql`array(select s.name from scopes s where ${ADDABLE} and s.name = any(${textArray(add)}) order by s.position)`;
  const rows = await db.run(sql`
    with ${recorded("family_widened", "family", actor)`
      update token_families f set scopes = f.scopes || ${added},
        granted_scopes = coalesce(f.granted_scopes, f.scopes) || ${added}, narrowed_from = null
      from clients c
      where ${isOwn(id, actor)} and f.expires_at > ${timestamptz(actor.now)} and c.id = f.client_id
        and exists (select from scopes s where ${ADDABLE} and s.name = any(${textArray(add)}))
      returning ${AUDITED}`}
    select family_id from family`);
  return rows.length > 0;
}

/** Restores the scopes that its person last took away, if that was a moment ago in this session. Works once. */
export async function restoreConnectionScopes(db: Database, id: string, undoSeconds: number, actor: Actor) {
  const back = sql`array(
    select x.name from unnest(f.narrowed_from) with ordinality x(name, n)
    where x.name = any(f.scopes) or exists (select from scopes s where ${ADDABLE} and s.name = x.name) order by n)`;
  const rows = await db.run(sql`
    with ${recorded("family_restored", "family", actor)`
      update token_families f set scopes = ${back}, narrowed_from = null
      from clients c
      where ${isOwn(id, actor)} and f.expires_at > ${timestamptz(actor.now)} and c.id = f.client_id
        and exists (select from scopes s where ${restorable(undoSeconds, actor)})
      returning ${AUDITED}`}
    select family_id from family`);
  return rows.length > 0;
}

/** Ends a connection of the acting person. Its tokens are refused at their next look-up. */
export async function revokeConnection(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.run(sql`
    with ${revokeSelected(isOwn(id, actor), "revoked_by_person", actor)} select family_id from revoked`);
  return rows.length > 0;
}
