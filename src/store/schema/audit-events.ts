import { sql } from "drizzle-orm";
import {
  bigint,
  date,
  index,
  inet,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { byteaColumn, timestamptzColumn } from "./columns.ts";

/** Append-only and without foreign keys, since the record of a thing outlives the thing. */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamptzColumn("at").notNull(),
    name: text("name").notNull(),
    userId: uuid("user_id"),
    clientId: text("client_id"),
    resourceId: text("resource_id"),
    familyId: uuid("family_id"),
    address: text("address"),
    details: jsonb("details"),
    /** How often it happened. Equal refusals within a minute share a row. */
    count: integer("count").notNull().default(1),
    /** The start of the minute or hour that one row counts. Null for an event with a row of its own. */
    countedSince: timestamptzColumn("counted_since"),
    /** The digest that tells one counted row of an event from another. */
    bucket: byteaColumn("bucket"),
  },
  // Each index costs every event an entry. So there are only those that a page reads by, and none for time, since
  // `audit_days` says when there were events.
  (table) => [
    uniqueIndex("audit_events_counted")
      .on(table.name, table.countedSince, table.bucket)
      .where(sql`${table.bucket} is not null`),
    index("audit_events_name").on(table.name, table.id),
    index("audit_events_user").on(table.userId, table.id),
    index("audit_events_client").on(table.clientId, table.id),
    // Tool calls are many times more than all other events.
    index("audit_events_family_story").on(table.familyId, table.id).where(sql`${table.name} <> 'tool_called'`),
    index("audit_events_family_tools").on(table.familyId, table.id).where(sql`${table.name} = 'tool_called'`),
  ],
);

/**
 * How often each event happened on a day (UTC), and the first event of that day. A trigger on `audit_events` keeps the
 * counts. Shards let transactions count at once without waiting for each other.
 */
export const auditDays = pgTable(
  "audit_days",
  {
    day: date("day").notNull(),
    name: text("name").notNull(),
    shard: integer("shard").notNull(),
    events: bigint("events", { mode: "number" }).notNull(),
    firstId: bigint("first_id", { mode: "number" }).notNull(),
    /** How many of those events happened in each half hour, for people whose day begins at another time. */
    halfHours: integer("half_hours").array().notNull().default(sql`array_fill(0, ARRAY[48])`),
  },
  (table) => [primaryKey({ columns: [table.day, table.name, table.shard] })],
);

/**
 * The refreshes of a connection on a day (UTC) from a network. Of a day of a connection, the audit log has the first one
 * alone, since each event there costs six index entries, and a connection is refreshed every hour.
 */
export const recentRefreshes = pgTable(
  "recent_refreshes",
  {
    familyId: uuid("family_id").notNull(),
    day: date("day").notNull(),
    refreshes: integer("refreshes").notNull(),
    /** An IPv4 address, or the /64 of an IPv6 one. Null if the address is unknown. */
    network: inet("network"),
    /** When they were, in seconds of that day: the first 99 and the last. No index has it, so that the update stays on its page. */
    seconds: integer("seconds").array().notNull(),
  },
  (table) => [
    unique("recent_refreshes_network").on(table.familyId, table.day, table.network).nullsNotDistinct(),
    index("recent_refreshes_day").on(table.day),
  ],
);

/** What the clean-up keeps of a connection's refreshes when they are a week old: how many on a day (UTC) from a network. */
export const refreshDays = pgTable(
  "refresh_days",
  {
    familyId: uuid("family_id").notNull(),
    day: date("day").notNull(),
    refreshes: integer("refreshes").notNull(),
    /** An IPv4 address, or the /64 of an IPv6 one. Null if the address is unknown. */
    network: inet("network"),
  },
  (table) => [
    unique("refresh_days_network").on(table.familyId, table.day, table.network).nullsNotDistinct(),
    index("refresh_days_day").on(table.day),
  ],
);
