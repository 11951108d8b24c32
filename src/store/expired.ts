import { type SQL, sql } from "drizzle-orm";
import { dayOf, firstEventSince } from "./audit-days.ts";
import { BY_INDEX, type Database } from "./database.ts";
import { countRefreshes } from "./refresh-days.ts";
import { integer, minus, plus } from "./sql.ts";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

export type Retention = {
  /** How long after its expiry an access token may still say whether it was used, for the replay of lost answers. */
  readonly replaySeconds: number;
  readonly auditDays: number;
};

/** How long the record of an ended connection stays, so that a person can see why it ended; and its client with it. */
const FAMILY_DAYS = 365;
const UNUSED_CLIENT_DAYS = 30;
/** After these, refreshes are counted by day. */
const SINGLE_REFRESH_DAYS = 7;
/** How long the owner can see what was refused. */
const REFUSAL_DAYS = 14;
/** A code is kept a day after it expired: redeeming it again still tells of a theft. */
const CODE_SECONDS = DAY;

/** Deletes a bounded number of rows that have outlived their use, or counts them; how many. */
type DeleteExpired = (db: Database, now: Date, limit: number) => Promise<number>;

/**
 * What has outlived its use, by table; families before clients, since a client goes when it has none left. Rows that somebody
 * holds are left for the next time, so two runs at once share the work and no gate waits for it. Each begins with an index that
 * has what is due first, so that finding nothing reads nothing.
 */
export const expiredRows = ({ replaySeconds, auditDays }: Retention) =>
  ({
    authorization_codes: (db, now, limit) =>
      deleteRows(db, sql`authorization_codes`, sql`expires_at`, before(now, CODE_SECONDS), limit),
    // One that was never redeemed tells of nothing; its device is told for an hour that it expired.
    device_codes: (db, now, limit) =>
      deleteRows(
        db,
        sql`device_codes`,
        sql`expires_at`,
        before(now, HOUR),
        limit,
        sql`t.redeemed_at is null or t.expires_at < ${before(now, CODE_SECONDS)}`,
      ),
    access_tokens: (db, now, limit) => deleteAccessTokens(db, before(now, replaySeconds), limit),
    // A spent one is kept until then too: presenting it is how a theft shows.
    refresh_tokens: (db, now, limit) => deleteRows(db, sql`refresh_tokens`, sql`expires_at`, before(now, 0), limit),
    token_families: (db, now, limit) =>
      deleteRows(
        db,
        sql`token_families`,
        sql`coalesce(t.revoked_at, t.expires_at)`,
        before(now, FAMILY_DAYS * DAY),
        limit,
      ),
    // What a machine was granted is nobody's history.
    machine_families: (db, now, limit) =>
      deleteRows(db, sql`token_families`, sql`expires_at`, before(now, replaySeconds), limit, sql`t.user_id is null`),
    sessions: (db, now, limit) => deleteRows(db, sql`sessions`, sql`expires_at`, before(now, 0), limit),
    client_assertions: (db, now, limit) =>
      deleteRows(db, sql`client_assertions`, sql`expires_at`, before(now, 60), limit),
    answered_challenges: (db, now, limit) =>
      deleteRows(db, sql`answered_challenges`, sql`expires_at`, before(now, 0), limit),
    provider_states: (db, now, limit) => deleteRows(db, sql`provider_states`, sql`expires_at`, before(now, 0), limit),
    connect_requests: (db, now, limit) => deleteRows(db, sql`connect_requests`, sql`expires_at`, before(now, 0), limit),
    setup_links: (db, now, limit) => deleteRows(db, sql`setup_links`, sql`expires_at`, before(now, 0), limit),
    recovery_codes: (db, now, limit) => deleteRows(db, sql`recovery_codes`, sql`used_at`, before(now, 0), limit),
    clients: deleteUnusedClients,
    refreshes: (db, now, limit) => count(db, countRefreshes(daysAgo(now, SINGLE_REFRESH_DAYS), limit)),
    audit_events: (db, now, limit) =>
      deleteRows(db, sql`audit_events`, sql`id`, firstEventSince(daysAgo(now, auditDays)), limit),
    refused_requests: (db, now, limit) =>
      deleteRows(db, sql`refused_requests`, sql`hour`, before(now, REFUSAL_DAYS * DAY), limit),
    audit_days: (db, now, limit) => deleteRows(db, sql`audit_days`, sql`day`, dayOf(daysAgo(now, auditDays)), limit),
    refresh_days: (db, now, limit) =>
      deleteRows(db, sql`refresh_days`, sql`day`, dayOf(daysAgo(now, auditDays)), limit),
  }) as const satisfies Record<string, DeleteExpired>;

export type ExpiringRows = keyof ReturnType<typeof expiredRows>;

const before = (now: Date, seconds: number): SQL => minus(now, seconds);

const daysAgo = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY * 1000);

/** Deletes the rows `t` whose key, which an index has in order, is under a bound. */
const deleteRows = (db: Database, table: SQL, key: SQL, bound: SQL, limit: number, condition = sql`true`) =>
  count(
    db,
    sql`with gone as (
        delete from ${table} where ctid = any(array(
          select t.ctid from ${table} t where ${key} < ${bound} and (${condition})
          order by ${key} limit ${integer(limit)} for update skip locked))
        returning true)
      select count(*)::int as "count" from gone`,
  );

/**
 * With the last access token of a pair goes the sealed answer that it is in. This finds sealed answers without an index on
 * them, which would give each rotation a new place in every index of its token.
 */
const deleteAccessTokens = (db: Database, bound: SQL, limit: number): Promise<number> =>
  count(
    db,
    sql`with expired as (
        select digest, family_id, generation from access_tokens
        where expires_at < ${bound} order by expires_at limit ${integer(limit)} for update skip locked),
      sealed as (
        select r.digest from expired e
          join refresh_tokens r on r.family_id = e.family_id and r.generation = e.generation - 1
        where r.sealed_answer is not null for update of r skip locked),
      erased as (
        update refresh_tokens set sealed_answer = null, rotated_by = null
        where digest = any(array(select digest from sealed))),
      gone as (delete from access_tokens where digest = any(array(select digest from expired)))
      select count(*)::int as "count" from expired`,
  );

/**
 * Deletes clients that nobody uses. Each is looked at when it has been there for a while, and if it is in use again after as
 * long. It is held before the second statement looks, so that no connection of it can be founded in between.
 */
async function deleteUnusedClients(db: Database, now: Date, limit: number): Promise<number> {
  const next = plus(now, UNUSED_CLIENT_DAYS * DAY);
  const [, reviewed] = await db.batch([
    BY_INDEX,
    sql`with due as (
        select id from clients where review_at < ${before(now, 0)}
        order by review_at limit ${integer(limit)} for update skip locked)
      update clients c set review_at = ${next} from due where c.id = due.id returning true`,
    sql`delete from clients c
      where c.review_at = ${next} and c.registration <> 'preregistered' and c.disabled_at is null
        and c.approved_fingerprint is null
        and coalesce(c.document_fetched_at, c.created_at) < ${before(now, UNUSED_CLIENT_DAYS * DAY)}
        -- offset: looked up for each client, and not joined with all families that there are.
        and not exists (select from token_families f where f.client_id = c.id offset 0)
        and not exists (select from authorization_codes a where a.client_id = c.id offset 0)
        and not exists (select from device_codes d where d.client_id = c.id offset 0)`,
  ]);
  return reviewed?.length ?? 0;
}

/** Runs a statement by its indexes, and gives the number that it returns as `count`. */
async function count(db: Database, statement: SQL): Promise<number> {
  const [, rows] = await db.batch([BY_INDEX, statement]);
  return Number(rows?.[0]?.["count"] ?? 0);
}
