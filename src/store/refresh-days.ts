import { type SQL, sql } from "drizzle-orm";
import { dayOf, firstEventSince } from "./audit-days.ts";
import { integer } from "./sql.ts";

/**
 * A statement that sums up the refreshes before a day (UTC): how many of a connection, on a day, from a network.
 * Anything else about them is known from their connection. It takes a bounded number of rows, returns it as `count`, and
 * writes in the order of the key, so that two runs for the same day wait for each other instead of deadlocking.
 */
export const countRefreshes = (before: Date, limit: number): SQL => sql`
  with old as (
    select ctid from recent_refreshes where day < ${dayOf(before)} order by day limit ${integer(limit)} for update skip locked),
  deleted as (
    delete from recent_refreshes where ctid = any(array(select ctid from old)) returning family_id, day, network, refreshes),
  days as (${insertDays(sql`deleted`)})
  select count(*)::int as "count" from old`;

/**
 * The same for their audit events. One that was counted by the day stands in \`recent_refreshes\` too, and those of the
 * version before, each for one refresh, nowhere else.
 */
export const countRefreshEvents = (before: Date, limit: number): SQL => sql`
  with old as (
    select id, at, family_id, address, counted_since from audit_events
    where name = 'token_refreshed' and id < ${firstEventSince(before)} and family_id is not null
    order by id limit ${integer(limit)} for update skip locked),
  deleted as (delete from audit_events where id = any(array(select id from old))),
  days as (${insertDays(sql`(
    select family_id, (at at time zone 'UTC')::date as day, network_of_1(address) as network, 1 as refreshes
    from old where counted_since is null) counted`)})
  select count(*)::int as "count" from old`;

const insertDays = (rows: SQL): SQL => sql`
  insert into refresh_days as d (family_id, day, network, refreshes)
  select family_id, day, network, sum(refreshes) from ${rows} group by 1, 2, 3 order by 1, 2, 3
  on conflict (family_id, day, network) do update set refreshes = d.refreshes + excluded.refreshes`;
