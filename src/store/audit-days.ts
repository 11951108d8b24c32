import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { AuditEventName } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { epoch, textArray, timestamptz } from "./sql.ts";

/** How often something happened on a day (UTC). */
export type DailyCount = { readonly day: number; readonly name: AuditEventName; readonly count: number };

/** How often each event happened, by day. `day` is its beginning in seconds since 1970. */
export const listDailyCounts = (
  db: Database,
  names: readonly AuditEventName[],
  since: Date,
  actor: Actor,
): Promise<DailyCount[]> =>
  db.read<DailyCount>(sql`
    select ${epoch(sql`day`)} as "day", name, sum(events)::float8 as "count"
    from audit_days where day >= ${dayOf(since)} and name = any(${textArray(names)}) and ${isAuthorized(actor)}
    group by 1, 2`);

/** The first event of a day (UTC) or later; past the last one where nothing has happened since. */
export const firstEventSince = (since: Date): SQL => sql`
  coalesce((
    select min(first_id) from audit_days
    where day = (select day from audit_days where day >= ${dayOf(since)} order by day limit 1)), ${PAST_ALL})`;

export const dayOf = (time: Date): SQL => sql`(${timestamptz(time)} at time zone 'UTC')::date`;

const PAST_ALL = sql.raw("9223372036854775807");
