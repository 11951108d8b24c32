import { type SQL, sql } from "drizzle-orm";
import type { AuditEventName } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { epoch, integer, uuid } from "./sql.ts";

/** Something that happened to a connection. */
export type ConnectionEvent = {
  /** Seconds since 1970. */
  readonly at: number;
  readonly name: AuditEventName;
  readonly address: string | null;
  readonly details: Record<string, unknown> | null;
  readonly count: number;
};

/**
 * What happened to a connection, newest first, with so many events of each kind. Refreshes of more than a week ago are
 * one event a day and network, at its end.
 */
export const listConnectionEvents = (db: Database, id: string, limit: number): Promise<ConnectionEvent[]> =>
  db.list<ConnectionEvent>(sql`
    select ${epoch(sql`at`)} as "at", name, address, details, count from (
      (${story(uuid(id), limit)}) union all (${toolCalls(uuid(id), limit)}) union all (${refreshes(uuid(id), limit)})
      union all
      (select null, (day + 1)::timestamp at time zone 'UTC' - interval '1 second', 'token_refreshed', abbrev(network),
          jsonb_build_object('day', day), refreshes
        from refresh_days where family_id = ${uuid(id)} order by day desc limit ${integer(limit)})) e
    order by at desc, id desc nulls last`);

/** The last few events of a family as JSON, newest first, with the last refresh and the last tool call. */
export const lately = (family: SQL): SQL => sql`(
  select coalesce(jsonb_agg(jsonb_build_object('at', ${epoch(sql`e.at`)}, 'name', e.name, 'address', e.address, 'details', e.details,
    'count', e.count) order by e.at desc, e.id desc nulls last), '[]') from (
    (${story(family, 2)}) union all (${toolCalls(family, 1)}) union all (${refreshes(family, 1)})) e)`;

const columns = sql`id, at, name, address, details, count`;

/** The events that are few. The first refresh of a day is left out, since \`refreshes\` has all of that day. */
const story = (family: SQL, limit: number): SQL => sql`
  select ${columns} from audit_events
  where family_id = ${family} and name <> 'tool_called' and not (name = 'token_refreshed' and counted_since is not null)
  order by id desc limit ${integer(limit)}`;

const toolCalls = (family: SQL, limit: number): SQL => sql`
  select ${columns} from audit_events where family_id = ${family} and name = 'tool_called' order by id desc limit ${integer(limit)}`;

/** Each refresh of the last week. The last one of a day stands for those that have no time of their own. */
const refreshes = (family: SQL, limit: number): SQL => sql`
  select null::bigint as id, day::timestamp at time zone 'UTC' + second * interval '1 second' as at, 'token_refreshed' as name,
    abbrev(network) as address, null::jsonb as details,
    case when n = cardinality(seconds) then 1 + refreshes - n else 1 end::int as count
  from recent_refreshes, unnest(seconds) with ordinality times(second, n)
  where family_id = ${family} order by day desc, second desc limit ${integer(limit)}`;
