import { sql } from "drizzle-orm";
import type { AuditEventName } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { bigint, epoch, instant, integer, text } from "./sql.ts";

export type AuditFilter = {
  readonly name: string | null;
  readonly email: string | null;
  readonly clientId: string | null;
  readonly since: Date | null;
  /** Only what came before the event with this id. */
  readonly before: number | null;
  readonly limit: number;
};

export type ListedAuditEvent = {
  readonly id: number;
  /** Seconds since 1970. */
  readonly at: number;
  readonly name: AuditEventName;
  readonly email: string | null;
  /** Whose act it was, where it was a signed-in person's. */
  readonly byEmail: string | null;
  readonly userId: string | null;
  readonly clientId: string | null;
  readonly resourceId: string | null;
  readonly familyId: string | null;
  readonly address: string | null;
  readonly details: Record<string, unknown> | null;
  /** How often it happened within a minute, or within an hour where neither person nor app is told. `at` is the first time. */
  readonly count: number;
};

/** The newest events that match, newest first. */
export const listAuditEvents = (db: Database, filter: AuditFilter): Promise<ListedAuditEvent[]> =>
  db.read<ListedAuditEvent>(sql`
    select e.id::float8 as "id", ${epoch(sql`e.at`)} as "at", e.name, u.email, b.email as "byEmail", e.user_id as "userId",
      e.client_id as "clientId", e.resource_id as "resourceId", e.family_id as "familyId", e.address, e.details, e.count
    from audit_events e left join users u on u.id = e.user_id
      left join users b on b.id = case when e.details ->> 'by' ~ '^[0-9a-f-]{36}$' then (e.details ->> 'by')::uuid end
    where (${text(filter.name)} is null or e.name = ${text(filter.name)})
      and (${text(filter.email)} is null or e.user_id = (select id from users where email = ${text(filter.email)}))
      and (${text(filter.clientId)} is null or e.client_id = ${text(filter.clientId)})
      and (${instant(filter.since)} is null or e.at >= ${instant(filter.since)})
      and (${bigint(filter.before)} is null or e.id < ${bigint(filter.before)})
    order by e.id desc limit ${integer(filter.limit)}`);
