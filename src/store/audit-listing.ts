import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import { firstEventSince } from "./audit-days.ts";
import type { AuditEventName } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { toWalked, type Walked, walk } from "./list-walk.ts";
import { bigint, epoch, text, timestamptz } from "./sql.ts";

type AuditFilter = {
  readonly name: string | null;
  readonly email: string | null;
  readonly clientId: string | null;
  /** The URI of a resource. Of one that was deleted, only the id is left. */
  readonly resource: string | null;
  readonly since: Date | null;
  /** Only events before the one with this id. */
  readonly before: number | null;
  /** Only the events that come next after the one with this id. */
  readonly after: number | null;
  readonly limit: number;
};

export type ListedAuditEvent = {
  readonly id: number;
  /** Seconds since 1970. */
  readonly at: number;
  readonly name: AuditEventName;
  readonly email: string | null;
  /** The person who acted, if a signed-in person did. */
  readonly byEmail: string | null;
  readonly userId: string | null;
  readonly clientId: string | null;
  /** Null if the client or the resource has been deleted. */
  readonly clientName: string | null;
  readonly resourceId: string | null;
  readonly resourceName: string | null;
  readonly familyId: string | null;
  readonly address: string | null;
  readonly details: Record<string, unknown> | null;
  /**
   * How often it happened: a refusal within a minute, or within an hour if neither person nor app is known, and a refresh
   * within a day. `at` is the first time.
   */
  readonly count: number;
};

/** The newest events that match, newest first, or with `after` the oldest of them, oldest first. */
export async function listAuditEvents(
  db: Database,
  filter: AuditFilter,
  actor: Actor,
): Promise<Walked<ListedAuditEvent>> {
  const [key = sql`true`, ...others] = keysOf(filter);
  const { resource, since, before, after } = filter;
  const [order, reverse] = after === null ? [sql`w.id desc`, sql`w.id`] : [sql`w.id`, sql`w.id desc`];
  return toWalked(
    await db.list(sql`
      with ${walk({
        from: sql`
          select * from audit_events w
          where ${isAuthorized(actor)} and ${key} and w.id < coalesce(${bigint(before)}, ${LAST_ID})
            ${after === null ? sql`` : sql`and w.id > ${bigint(after)}`}
            ${since === null ? sql`` : sql`and w.id >= ${firstEventSince(since)}`}
          order by ${order}`,
        matches: sql.join(
          [
            sql`(${timestamptz(since)} is null or w.at >= ${timestamptz(since)})`,
            ...(resource === null ? [] : [ofResource(resource)]),
            ...others,
          ],
          sql` and `,
        ),
        order,
        reverse,
        cursor: sql`w.id`,
        limit: filter.limit,
      })}
      select e.id::float8 as "id", ${epoch(sql`e.at`)} as "at", e.name, u.email, b.email as "byEmail", e.user_id as "userId",
        e.client_id as "clientId", c.name as "clientName", e.resource_id as "resourceId", r.name as "resourceName", e.family_id as "familyId", e.address, e.details,
        ${COUNT} as "count",
        e.id is not null as "found", walk.walked_to as "walkedTo"
      from walk left join page e on true left join users u on u.id = e.user_id
        left join clients c on c.id = e.client_id left join resources r on r.id = e.resource_id
        left join users b on b.id = case when e.details ->> 'by' ~ '^[0-9a-f-]{36}$' then (e.details ->> 'by')::uuid end
      order by e.id ${after === null ? sql`desc` : sql``}`),
  );
}

/**
 * No index leads to a resource's events, since each index costs every event an entry. So this only filters the rows that
 * are looked at.
 */
const ofResource = (resource: string): SQL =>
  sql`w.resource_id = coalesce((select id from resources where uri = ${text(resource)}), ${text(resource)})`;

/** How often an event `e` happened. The refreshes of a day have a table of their own. */
const COUNT = sql`case when e.name = 'token_refreshed' and e.counted_since is not null then coalesce(
    (select sum(d.refreshes)::int from recent_refreshes d
      where d.family_id = e.family_id and d.day = (e.counted_since at time zone 'UTC')::date), e.count)
  else e.count end`;

const LAST_ID = sql.raw("9223372036854775807");

/**
 * The conditions on an event `w` that have an index. The first is the most selective: its index finds the rows, and the
 * others filter them.
 */
function keysOf({ name, email, clientId }: AuditFilter): SQL[] {
  return [
    email === null ? null : sql`w.user_id = (select id from users where email = ${text(email)})`,
    clientId === null ? null : sql`w.client_id = ${text(clientId)}`,
    name === null ? null : sql`w.name = ${text(name)}`,
  ].filter((condition) => condition !== null);
}
