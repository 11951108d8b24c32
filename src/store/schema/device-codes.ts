import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { clients } from "./clients.ts";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

/** Device authorization requests (RFC 8628). */
export const deviceCodes = pgTable(
  "device_codes",
  {
    digest: byteaColumn("digest").primaryKey(),
    /** A keyed hash of the short code that the person types. */
    userCodeHash: byteaColumn("user_code_hash").notNull().unique(),
    clientId: text("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    /** What the client requested, and after the decision what the person allowed. */
    scopes: text("scopes").array().notNull(),
    /** Seconds that the client waits between two polls. Each `slow_down` adds five. */
    pollSeconds: integer("poll_seconds").notNull(),
    polledAt: timestamptzColumn("polled_at"),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
    /** The session that viewed it first. No other session may decide before that one signs out. */
    sessionDigest: byteaColumn("session_digest"),
    /** The person who decided, and the decision. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    decision: text("decision", { enum: ["allowed", "denied"] }),
    /** As in `authorization_codes`. */
    familySeconds: integer("family_seconds"),
    userAgent: text("user_agent"),
    redeemedAt: timestamptzColumn("redeemed_at"),
    /** A keyed hash of how the caller that redeemed it looks on the network. */
    redeemedBy: byteaColumn("redeemed_by"),
    /** The family that its redemption created. It has no foreign key, since one statement writes both rows. */
    familyId: uuid("family_id"),
  },
  (table) => [
    index("device_codes_expiry").on(table.expiresAt),
    index("device_codes_client").on(table.clientId),
    index("device_codes_user").on(table.userId),
    index("device_codes_resource").on(table.resourceId),
    check("device_codes_decision", sql`${table.decision} in ('allowed', 'denied')`),
    check("device_codes_decided", sql`(${table.decision} is null) = (${table.userId} is null)`),
    check("device_codes_redeemed", sql`${table.redeemedAt} is null or ${table.decision} = 'allowed'`),
  ],
);
