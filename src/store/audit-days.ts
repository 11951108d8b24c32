import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { AuditEventName } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { text, textArray, timestamptz } from "./sql.ts";

/** How often an event happened on a day. */
type DailyCount = {
  /** The number of the day among those requested, from 1. */
  readonly day: number;
  readonly name: AuditEventName;
  readonly count: number;
};

/**
 * How often each event happened, by day. `starts` holds when each day begins in the reader's time zone, oldest first.
 * Counts are exact to the half hour.
 */
export const listDailyCounts = (
  db: Database,
  names: readonly AuditEventName[],
  starts: readonly Date[],
  actor: Actor,
): Promise<DailyCount[]> =>
  db.read<DailyCount>(sql`
    select width_bucket(h.at, ${textArray(starts.map((start) => start.toISOString()))}::timestamptz[]) as "day", name,
      sum(h.events)::float8 as "count"
    from audit_days cross join lateral (
      select events, day::timestamp at time zone 'UTC' + (n - 1) * interval '30 minutes' as at
      from unnest(half_hours) with ordinality counted(events, n) where events > 0) h
    where day >= ${dayOf(starts[0] ?? actor.now)} and h.at >= ${timestamptz(starts[0] ?? actor.now)}
      and name = any(${textArray(names)}) and ${isAuthorized(actor)}
    group by 1, 2`);

/**
 * How often an event happened since a time, or since up to half an hour before it. It reads the counts of two days, however
 * many events there were.
 */
export const eventsSince = (name: AuditEventName, since: Date): SQL => sql`(
  select coalesce(sum(h.events), 0)
  from audit_days d cross join lateral unnest(d.half_hours) with ordinality h(events, n)
  where d.day >= ${dayOf(since)} and d.name = ${text(name)}
    and d.day::timestamp at time zone 'UTC' + h.n * interval '30 minutes' > ${timestamptz(since)})`;

/** The first day (UTC) from this one on that has events, or the day after the last if there is none. */
export const firstEventSince = (since: Date): SQL => sql`
  coalesce((
    select min(first_id) from audit_days
    where day = (select day from audit_days where day >= ${dayOf(since)} order by day limit 1)), ${PAST_ALL})`;

export const dayOf = (time: Date): SQL => sql`(${timestamptz(time)} at time zone 'UTC')::date`;

const PAST_ALL = sql.raw("9223372036854775807");
