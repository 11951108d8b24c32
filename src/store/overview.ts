import { type SQL, sql } from "drizzle-orm";
import { type Actor, authorizedUser, isAuthorized } from "./actor.ts";
import { countWaitingApps } from "./app-requests.ts";
import type { Database } from "./database.ts";
import { integer, minus, timestamptz } from "./sql.ts";

/** The counts of the overview, each up to `MOST_IN_OVERVIEW`, and what the acting owner has set up. */
export type OverviewCounts = {
  readonly servers: number;
  readonly apps: number;
  readonly people: number;
  readonly connections: number;
  /** Clients in use that the owner has neither approved nor blocked. */
  readonly unreviewed: number;
  /** Clients that somebody asked for and that wait for the owner's decision. */
  readonly waitingApps: number;
  /** Registered apps of which a request was refused in the last day. */
  readonly refusedApps: number;
  /** Setup links that haven't been used. */
  readonly pendingLinks: number;
  /** Credentials with which a server has never looked up a token. */
  readonly unusedCredentials: number;
  /** Whether the acting owner has recovery codes. */
  readonly hasRecoveryCodes: boolean;
};

/** Counting stops here, so that a large deployment's overview costs no more than a small one's. */
export const MOST_IN_OVERVIEW = 1000;

const REFUSED_SECONDS = 24 * 60 * 60;

const countUpTo = (rows: SQL): SQL =>
  sql`(select count(*)::int from (${rows} limit ${integer(MOST_IN_OVERVIEW)}) counted)`;

/** Everything that the overview counts, in one statement. Null for anybody but an owner. */
export async function findOverviewCounts(db: Database, actor: Actor): Promise<OverviewCounts | null> {
  const isLive = sql`f.revoked_at is null and f.expires_at > ${timestamptz(actor.now)}`;
  // Live connections end last, so this order brings them first.
  const lastToEnd = sql`
    (select * from token_families order by coalesce(revoked_at, expires_at) desc limit ${integer(MOST_IN_OVERVIEW)})`;
  const [counts] = await db.read<OverviewCounts>(sql`
    select ${countUpTo(sql`select from resources`)} as "servers", ${countUpTo(sql`select from clients`)} as "apps",
      ${countUpTo(sql`select from users where disabled_at is null`)} as "people",
      (select count(*)::int from ${lastToEnd} f where ${isLive}) as "connections",
      (select count(*)::int from (
        select c.approved_fingerprint, c.fingerprint, c.disabled_at, c.id from clients c
        order by c.created_at desc limit ${integer(MOST_IN_OVERVIEW)}) c
        where c.disabled_at is null and c.approved_fingerprint is distinct from c.fingerprint
          and exists (select from token_families f where f.client_id = c.id and ${isLive})) as "unreviewed",
      ${countWaitingApps(MOST_IN_OVERVIEW)} as "waitingApps",
      (select count(distinct r.client_id)::int from (
        select client_id from refused_requests where hour > ${minus(actor.now, REFUSED_SECONDS)} and known
        order by hour desc limit ${integer(MOST_IN_OVERVIEW)}) r
        where exists (select from clients c where c.id = r.client_id)) as "refusedApps",
      ${countUpTo(sql`select from setup_links where used_at is null and expires_at > ${timestamptz(actor.now)}`)} as "pendingLinks",
      ${countUpTo(sql`select from introspection_credentials where last_used_at is null`)} as "unusedCredentials",
      exists (select from recovery_codes where user_id = ${authorizedUser(actor)} and used_at is null) as "hasRecoveryCodes"
    where ${isAuthorized(actor)}`);
  return counts ?? null;
}
