import { boolean, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { byteaColumn, timestamptzColumn } from "./columns.ts";

/**
 * Refusals, counted by the hour, so that the owner sees why an app doesn't connect. Strangers cause these rows, so
 * nothing refers to another table, and the rows of an hour are limited.
 */
export const refusedRequests = pgTable(
  "refused_requests",
  {
    hour: timestamptzColumn("hour").notNull(),
    /** The digest that tells one row of an hour from another. */
    bucket: byteaColumn("bucket").notNull(),
    endpoint: text("endpoint").notNull(),
    /** The app that the request named, proven or not. Null if it named none, or if the hour has too many rows. */
    clientId: text("client_id"),
    /** Whether such an app or server existed. Those have rows of their own left when strangers fill the others. */
    known: boolean("known").notNull(),
    error: text("error").notNull(),
    reason: text("reason").notNull(),
    /** The error that the caller got. */
    said: text("said"),
    userAgent: text("user_agent"),
    count: integer("count").notNull().default(1),
    lastAt: timestamptzColumn("last_at").notNull(),
    /** The request ids that error pages and answers showed for the last of them, newest first. */
    requestIds: text("request_ids").array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.bucket] })],
);
