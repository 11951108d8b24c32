import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { epoch, integer, json, text, timestamptz } from "./sql.ts";

export type RefusedRequest = {
  readonly endpoint: string;
  /** The app or the server that the request named. */
  readonly clientId: string | null;
  readonly error: string;
  readonly reason: string;
  /** The error that the caller got. */
  readonly said: string;
  readonly userAgent: string | null;
  readonly count: number;
  /** Newest first. */
  readonly requestIds: readonly string[];
};

/** The most rows an hour for known apps and for unknown ones. Further refusals are counted without their details. */
const MAX_ROWS = 500;
/** The most request ids that a row can hold. */
export const MAX_IDS = 10;

/**
 * Counts refusals, each in the row of its hour. Parallel ones meet at the primary key, in one order, so that none is
 * lost and none deadlocks.
 */
export async function upsertRefusedRequests(
  db: Database,
  refused: readonly RefusedRequest[],
  now: Date,
): Promise<void> {
  const hour = sql`date_trunc('hour', ${timestamptz(now)}, 'UTC')`;
  const rowsOf = (known: SQL) => sql`(
    select count(*) from (select from refused_requests r where r.hour = ${hour} and r.known = ${known} limit ${integer(MAX_ROWS)}) t)`;
  await db.run(sql`
    with named as (
      select a.*, a."requestIds" as request_ids,
        exists (select from clients where id = a."clientId") or exists (select from resources where id = a."clientId") as known,
        sha256(convert_to(jsonb_build_array(a.endpoint, a."clientId", a.error, a.reason, a.said)::text, 'UTF8')) as bucket
      from jsonb_to_recordset(${json(refused)}) as a (endpoint text, "clientId" text, error text, reason text, said text,
        "userAgent" text, count int, "requestIds" jsonb)),
    placed as (
      select *, exists (select from refused_requests r where r.hour = ${hour} and r.bucket = named.bucket)
        or row_number() over (partition by known order by bucket)
          + case when known then ${rowsOf(sql`true`)} else ${rowsOf(sql`false`)} end <= ${integer(MAX_ROWS)} as has_room
      from named),
    refusal as (
      select known, endpoint, error, reason, count, request_ids,
        case when has_room then bucket
          else sha256(convert_to(jsonb_build_array(endpoint, known, error, reason)::text, 'UTF8')) end as bucket,
        case when has_room then "clientId" end as client_id, case when has_room then said end as said,
        case when has_room then "userAgent" end as user_agent
      from placed)
    insert into refused_requests
      (hour, bucket, endpoint, client_id, known, error, reason, said, user_agent, count, last_at, request_ids)
    select ${hour}, bucket, endpoint, client_id, known, error, reason, said, (array_agg(user_agent))[1], sum(count),
      ${timestamptz(now)}, array(select jsonb_array_elements_text((array_agg(request_ids))[1]))
    from refusal group by bucket, endpoint, client_id, known, error, reason, said order by bucket
    on conflict (hour, bucket) do update set count = refused_requests.count + excluded.count, last_at = excluded.last_at,
      user_agent = excluded.user_agent,
      request_ids = (excluded.request_ids || refused_requests.request_ids)[1:${integer(MAX_IDS)}]`);
}

/** A kind of refusal and how often it happened. `lastAt` in seconds since 1970. */
export type ListedRefusal = {
  readonly endpoint: string;
  readonly clientId: string | null;
  /** The name of the app or the server, while it exists. */
  readonly name: string | null;
  readonly isServer: boolean;
  readonly error: string;
  readonly reason: string;
  readonly said: string | null;
  readonly userAgent: string | null;
  readonly count: number;
  readonly lastAt: number;
  readonly requestIds: readonly string[];
};

type RefusalFilter = {
  readonly since: Date;
  readonly clientId: string | null;
  /** A request id from an error page or answer. */
  readonly requestId: string | null;
  readonly limit: number;
};

/** Refusals, newest first. Nothing for anybody but an owner. */
export const listRefusedRequests = (
  db: Database,
  { since, clientId, requestId, limit }: RefusalFilter,
  actor: Actor,
): Promise<ListedRefusal[]> =>
  db.list<ListedRefusal>(sql`
    with refused as (
      select endpoint, client_id, error, reason, said, sum(count)::int as count, max(last_at) as last_at,
        (array_agg(user_agent order by last_at desc))[1] as user_agent,
        (array_agg(to_jsonb(request_ids) order by last_at desc))[1] as request_ids
      from refused_requests
      where hour > ${timestamptz(since)} and ${isAuthorized(actor)}
        and (${text(clientId)} is null or client_id = ${text(clientId)})
        and (${text(requestId)} is null or ${text(requestId)} = any(request_ids))
      group by endpoint, client_id, error, reason, said
      order by max(last_at) desc limit ${integer(limit)})
    select r.endpoint, r.client_id as "clientId", coalesce(c.name, s.name) as "name", s.id is not null as "isServer",
      r.error, r.reason, r.said, r.user_agent as "userAgent", r.count, ${epoch(sql`r.last_at`)} as "lastAt",
      r.request_ids as "requestIds"
    from refused r left join clients c on c.id = r.client_id left join resources s on s.id = r.client_id
    order by r.last_at desc`);
