import { type SQL, sql } from "drizzle-orm";
import { firstEventSince } from "./audit-days.ts";
import { integer } from "./sql.ts";

/**
 * A statement that sums up the refreshes before a day (UTC): how many of a connection, on a day, from a network.
 * Anything else about them is known from their connection. It takes a bounded number, returns it as `count`, and writes
 * in the order of the key, so that two runs for the same day wait for each other instead of deadlocking.
 */
export const countRefreshes = (before: Date, limit: number): SQL => sql`
  with old as (
    select id, at, family_id, address from audit_events
    where name = 'token_refreshed' and id < ${firstEventSince(before)} and family_id is not null
    order by id limit ${integer(limit)} for update skip locked),
  gone as (delete from audit_events where id = any(array(select id from old))),
  days as (
    insert into refresh_days as d (family_id, day, network, refreshes)
    select family_id, (at at time zone 'UTC')::date,
      case when not pg_input_is_valid(address, 'inet') then null
        when family(address::inet) = 6 then network(set_masklen(address::inet, 64))::inet
        else address::inet end, count(*)
    from old group by 1, 2, 3 order by 1, 2, 3
    on conflict (family_id, day, network) do update set refreshes = d.refreshes + excluded.refreshes)
  select count(*)::int as "count" from old`;
