import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

/** Append-only, and without foreign keys: the record of a thing outlives the thing. */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant("at").notNull(),
    name: text("name").notNull(),
    userId: uuid("user_id"),
    clientId: text("client_id"),
    resourceId: text("resource_id"),
    familyId: uuid("family_id"),
    address: text("address"),
    details: jsonb("details"),
    /** How often it happened. A refusal that comes again within its minute is counted in the row that is there. */
    count: integer("count").notNull().default(1),
    /** The beginning of the minute or hour that is counted in one row; null for what has a row of its own. */
    countedSince: instant("counted_since"),
    /** Digest of what tells one counted row of an event from another. */
    bucket: bytea("bucket"),
  },
  (table) => [
    uniqueIndex("audit_events_counted")
      .on(table.name, table.countedSince, table.bucket)
      .where(sql`${table.bucket} is not null`),
    index("audit_events_at").on(table.at),
    index("audit_events_name").on(table.name, table.id),
    index("audit_events_user").on(table.userId, table.id),
    index("audit_events_client").on(table.clientId, table.id),
    index("audit_events_family").on(table.familyId, table.id),
    // What a family's tools were asked for is many times more than all else.
    index("audit_events_family_story").on(table.familyId, table.id).where(sql`${table.name} <> 'tool_called'`),
  ],
);
