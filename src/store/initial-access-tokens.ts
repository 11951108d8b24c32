import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, isAuthorized } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { toWalked, type Walked, walk } from "./list-walk.ts";
import { bytea, epoch, integer, text, timestamptz, uuid } from "./sql.ts";

type NewInitialAccessToken = {
  readonly digest: Digest;
  readonly label: string;
  /** The canonical URI. Null for any resource. */
  readonly resourceUri: string | null;
  readonly uses: number | null;
  readonly expiresAt: Date | null;
};

const AUDITED = auditColumns({ resourceId: sql`resource_id` });

/** Adds a token. Returns its id, or null if there is no such resource. */
export async function insertInitialAccessToken(
  db: Database,
  token: NewInitialAccessToken,
  actor: Actor,
): Promise<string | null> {
  const [row] = await db.run<{ id: string }>(sql`
    with named as (select id from resources where uri = ${text(token.resourceUri)} for key share),
    resource as (
      select id from (
        select id from named union all select null where ${text(token.resourceUri)} is null) r where ${isAuthorized(actor)}),
    ${recorded("initial_access_token_created", "token", actor)`
      insert into initial_access_tokens (digest, label, resource_id, uses_left, expires_at, created_at)
      select ${bytea(token.digest)}, ${text(token.label)}, id, ${integer(token.uses)}, ${timestamptz(token.expiresAt)},
        ${timestamptz(actor.now)} from resource
      returning id, ${AUDITED}`}
    select id from token`);
  return row?.id ?? null;
}

export type InitialAccessToken = {
  readonly id: string;
  readonly label: string;
  readonly resourceUri: string | null;
  readonly usesLeft: number | null;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revoked: boolean;
};

export const TOKEN_STATES = ["active", "ended"] as const;
/** Whether a token still lets an app register. */
export type TokenState = (typeof TOKEN_STATES)[number];

export type TokenQuery = {
  /** A part of the label. Null for all. */
  readonly search: string | null;
  /** The id of the token after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
  /** Null for all. */
  readonly state: TokenState | null;
  readonly oldestFirst: boolean;
};

/** The state of a token `w`. */
function isInState(state: TokenState | null, { now }: Actor): SQL {
  if (state === null) return sql`true`;
  const isActive = sql`(w.revoked_at is null and coalesce(w.uses_left, 1) > 0 and coalesce(w.expires_at, 'infinity') > ${timestamptz(now)})`;
  return state === "active" ? isActive : sql`not ${isActive}`;
}

/** A page of initial access tokens without their secrets, newest or oldest first. */
export async function listInitialAccessTokens(
  db: Database,
  { search, after, limit, state, oldestFirst }: TokenQuery,
  actor: Actor,
): Promise<Walked<InitialAccessToken>> {
  const [direction, opposite] = oldestFirst ? [sql`asc`, sql`desc`] : [sql`desc`, sql`asc`];
  return toWalked(
    await db.list(sql`
      with ${walk({
        from: sql`
          select * from initial_access_tokens t
          where ${isAuthorized(actor)} and (${uuid(after)} is null
            or (t.created_at, t.id) ${oldestFirst ? sql`>` : sql`<`} (select l.created_at, l.id from initial_access_tokens l where l.id = ${uuid(after)}))
          order by t.created_at ${direction}, t.id ${direction}`,
        matches: sql`${isInState(state, actor)} and (${text(search)} is null or strpos(lower(w.label), lower(${text(search)})) > 0)`,
        order: sql`w.created_at ${direction}, w.id ${direction}`,
        reverse: sql`w.created_at ${opposite}, w.id ${opposite}`,
        cursor: sql`w.id`,
        limit,
      })}
      select t.id, t.label, r.uri as "resourceUri", t.uses_left as "usesLeft", ${epoch(sql`t.created_at`)} as "createdAt",
        ${epoch(sql`t.expires_at`)} as "expiresAt", t.revoked_at is not null as "revoked", t.id is not null as "found",
        walk.walked_to as "walkedTo"
      from walk left join page t on true left join resources r on r.id = t.resource_id
      order by t.created_at ${direction}, t.id ${direction}`),
  );
}

export async function revokeInitialAccessToken(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.run(sql`
    with ${recorded("initial_access_token_revoked", "token", actor)`
      update initial_access_tokens set revoked_at = ${timestamptz(actor.now)}
      where id = ${uuid(id)} and revoked_at is null and ${isAuthorized(actor)}
      returning ${AUDITED}`}
    select true as revoked from token`);
  return rows.length > 0;
}
