import { boolean, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

/**
 * What was refused, counted by the hour, so that the owner sees why an app doesn't connect. Strangers write here: nothing refers to
 * another table, and an hour has a bounded number of rows.
 */
export const refusedRequests = pgTable(
  "refused_requests",
  {
    hour: instant("hour").notNull(),
    /** Digest of what tells one row of an hour from another. */
    bucket: bytea("bucket").notNull(),
    endpoint: text("endpoint").notNull(),
    /** The app that the request named, proven or not; null where it named none, or where the hour has too many rows. */
    clientId: text("client_id"),
    /** Whether there was such an app or server. Those have rows of their own left when strangers fill the others. */
    known: boolean("known").notNull(),
    error: text("error").notNull(),
    reason: text("reason").notNull(),
    /** What the caller was told. */
    said: text("said"),
    userAgent: text("user_agent"),
    count: integer("count").notNull().default(1),
    lastAt: instant("last_at").notNull(),
    /** What error pages and answers called the last of them, newest first. */
    requestIds: text("request_ids").array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.bucket] })],
);
