import { type SQL, sql } from "drizzle-orm";
import { dayOf, firstEventSince } from "./audit-days.ts";
import { BY_INDEX, type Database } from "./database.ts";
import { countRefreshEvents, countRefreshes } from "./refresh-days.ts";
import { integer, minus, plus, timestamptz } from "./sql.ts";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

type Retention = {
  /**
   * How long after its expiry an access token's row still says whether it was used, which decides on replays of lost
   * answers.
   */
  readonly replaySeconds: number;
  readonly auditDays: number;
};

/** How long the record of an ended connection and its client is kept, so that a person can see why it ended. */
const FAMILY_DAYS = 365;
export const UNUSED_CLIENT_DAYS = 30;
/** From this age on, refreshes are counted by day. */
const SINGLE_REFRESH_DAYS = 7;
/** How long the owner can see refusals. */
const REFUSAL_DAYS = 14;
/** A code is kept for a day after it expires, because a second redemption still reveals a theft. */
const CODE_SECONDS = DAY;

/** Deletes a bounded number of expired rows, or sums them up. Returns how many. */
type DeleteExpired = (db: Database, now: Date, limit: number) => Promise<number>;

/**
 * What expires, by table. Families come before clients, since a client is deleted when it has no family left. Locked
 * rows are left for the next run, so that two runs at once share the work and no gate waits for a run. Each statement
 * begins with an index that has expired rows first, so that it reads nothing if there are none.
 */
export const expiredRows = ({ replaySeconds, auditDays }: Retention) =>
  ({
    authorization_codes: (db, now, limit) =>
      deleteRows(db, sql`authorization_codes`, sql`expires_at`, before(now, CODE_SECONDS), limit),
    // A code that was never redeemed reveals nothing. For an hour, its device is told that it expired.
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
    // A spent token is kept until then too, because presenting it reveals a theft.
    refresh_tokens: (db, now, limit) => deleteRows(db, sql`refresh_tokens`, sql`expires_at`, before(now, 0), limit),
    spent_refresh_tokens: (db, now, limit) =>
      deleteRows(db, sql`spent_refresh_tokens`, sql`expires_on`, dayOf(now), limit),
    token_families: (db, now, limit) =>
      deleteRows(
        db,
        sql`token_families`,
        sql`coalesce(t.revoked_at, t.expires_at)`,
        before(now, FAMILY_DAYS * DAY),
        limit,
      ),
    // A machine's connections are nobody's history.
    machine_families: (db, now, limit) =>
      deleteRows(db, sql`token_families`, sql`expires_at`, before(now, replaySeconds), limit, sql`t.user_id is null`),
    // Each assertion makes a connection, so that there is one an hour. The audit log keeps who was let in.
    issued_families: (db, now, limit) =>
      deleteRows(
        db,
        sql`token_families`,
        sql`expires_at`,
        before(now, replaySeconds),
        limit,
        sql`t.issuer_id is not null`,
      ),
    sessions: (db, now, limit) => deleteRows(db, sql`sessions`, sql`expires_at`, before(now, 0), limit),
    client_assertions: (db, now, limit) =>
      deleteRows(db, sql`client_assertions`, sql`expires_at`, before(now, 60), limit),
    answered_challenges: (db, now, limit) =>
      deleteRows(db, sql`answered_challenges`, sql`expires_at`, before(now, 0), limit),
    provider_states: (db, now, limit) => deleteRows(db, sql`provider_states`, sql`expires_at`, before(now, 0), limit),
    connect_requests: (db, now, limit) => deleteRows(db, sql`connect_requests`, sql`expires_at`, before(now, 0), limit),
    setup_links: (db, now, limit) => deleteRows(db, sql`setup_links`, sql`expires_at`, before(now, 0), limit),
    recovery_codes: (db, now, limit) => deleteRows(db, sql`recovery_codes`, sql`used_at`, before(now, 0), limit),
    app_requests: (db, now, limit) =>
      deleteRows(db, sql`app_requests`, sql`created_at`, before(now, UNUSED_CLIENT_DAYS * DAY), limit),
    clients: deleteUnusedClients,
    recent_refreshes: (db, now, limit) => count(db, countRefreshes(daysAgo(now, SINGLE_REFRESH_DAYS), limit)),
    refresh_events: (db, now, limit) => count(db, countRefreshEvents(daysAgo(now, SINGLE_REFRESH_DAYS), limit)),
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

/** Deletes the rows `t` whose key, which an index has in order, is below a bound. */
const deleteRows = (db: Database, table: SQL, key: SQL, bound: SQL, limit: number, condition = sql`true`) =>
  count(
    db,
    sql`with deleted as (
        delete from ${table} where ctid = any(array(
          select t.ctid from ${table} t where ${key} < ${bound} and (${condition})
          order by ${key} limit ${integer(limit)} for update skip locked))
        returning true)
      select count(*)::int as "count" from deleted`,
  );

/**
 * Deletes the sealed answer along with the last access token in it. An index on sealed answers would find them too, but
 * each rotation would then write a new entry into every index of its token.
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
      deleted as (delete from access_tokens where digest = any(array(select digest from expired)))
      select count(*)::int as "count" from expired`,
  );

/**
 * Deletes clients that nobody uses. A client is looked at after a while, and again after the same time if it is in use.
 * It is locked before the second statement looks, so that no connection of it can be created in between.
 */
async function deleteUnusedClients(db: Database, now: Date, limit: number): Promise<number> {
  const next = plus(now, UNUSED_CLIENT_DAYS * DAY);
  const [, reviewed] = await db.batch([
    BY_INDEX,
    sql`with due as (
        select id from clients where review_at < ${before(now, 0)}
        order by review_at limit ${integer(limit)} for update skip locked)
      update clients c set review_at = ${next} from due where c.id = due.id returning true`,
    sql`with deleted as (
      delete from clients c
      where c.review_at = ${next} and c.registration <> 'preregistered' and c.disabled_at is null
        and c.approved_fingerprint is null
        and coalesce(c.document_fetched_at, c.created_at) < ${before(now, UNUSED_CLIENT_DAYS * DAY)}
        -- SQL offset: looked up for each client instead of joined with all families.
        and not exists (select from token_families f where f.client_id = c.id offset 0)
        and not exists (select from authorization_codes a where a.client_id = c.id offset 0)
        and not exists (select from device_codes d where d.client_id = c.id offset 0)
      returning c.id)
      insert into audit_events (at, name, details)
      select ${timestamptz(now)}, 'unused_clients_deleted', jsonb_build_object('count', count(*)) from deleted having count(*) > 0`,
  ]);
  return reviewed?.length ?? 0;
}

/** Runs a statement by its indexes, and returns the number in its column `count`. */
async function count(db: Database, statement: SQL): Promise<number> {
  const [, rows] = await db.batch([BY_INDEX, statement]);
  return Number(rows?.[0]?.["count"] ?? 0);
}
