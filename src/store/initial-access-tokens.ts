import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, isAuthorized } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { bytea, epoch, integer, text, timestamptz, uuid } from "./sql.ts";

export type NewInitialAccessToken = {
  readonly digest: Digest;
  readonly label: string;
  /** Canonical; null for any resource. */
  readonly resourceUri: string | null;
  readonly uses: number | null;
  readonly expiresAt: Date | null;
};

const AUDITED = auditColumns({ resourceId: sql`resource_id` });

/** Adds a token; its id, or null if there is no such resource. */
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
  readonly expiresAt: number | null;
  readonly revoked: boolean;
};

export const listInitialAccessTokens = (db: Database, actor: Actor): Promise<InitialAccessToken[]> =>
  db.read<InitialAccessToken>(sql`
    select t.id, t.label, r.uri as "resourceUri", t.uses_left as "usesLeft",
      ${epoch(sql`t.expires_at`)} as "expiresAt", t.revoked_at is not null as "revoked"
    from initial_access_tokens t left join resources r on r.id = t.resource_id
    where ${isAuthorized(actor)}
    order by t.created_at desc, t.id limit 100`);

export async function revokeInitialAccessToken(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.run(sql`
    with ${recorded("initial_access_token_revoked", "token", actor)`
      update initial_access_tokens set revoked_at = ${timestamptz(actor.now)}
      where id = ${uuid(id)} and revoked_at is null and ${isAuthorized(actor)}
      returning ${AUDITED}`}
    select true as revoked from token`);
  return rows.length > 0;
}
