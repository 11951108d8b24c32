import { sql } from "drizzle-orm";
import type { AuditEventName } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { epoch, instant, texts } from "./sql.ts";

/** How often something happened on a day (UTC). */
export type DailyCount = { readonly day: number; readonly name: AuditEventName; readonly count: number };

/** Counts events by day. `day` is its beginning in seconds since 1970. */
export const countEvents = (db: Database, names: readonly AuditEventName[], since: Date): Promise<DailyCount[]> =>
  db.read<DailyCount>(sql`
    select ${epoch(sql`date_trunc('day', at, 'UTC')`)} as "day", name, sum(count)::int as "count"
    from audit_events where at >= ${instant(since)} and name = any(${texts(names)})
    group by 1, 2`);
