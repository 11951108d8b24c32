import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { clients } from "./clients.ts";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

/** Which apps come in. Without any, all do. */
export const appRules = pgTable(
  "app_rules",
  {
    kind: text("kind", { enum: ["document", "registered", "redirect"] }).notNull(),
    /** A host, `*.` and a domain, or `*`. A rule for redirects may also say `loopback`, a scheme with its colon, or `*:`. */
    pattern: text("pattern").notNull(),
    decision: text("decision", { enum: ["welcome", "ask", "refuse"] }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.pattern] }),
    check("app_rules_kind", sql`${table.kind} in ('document', 'registered', 'redirect')`),
    check("app_rules_decision", sql`${table.decision} in ('welcome', 'ask', 'refuse')`),
  ],
);

/** People who wait for the owner's word on an app, with what it asked for. What was decided is a thing of the client, not of these. */
export const appRequests = pgTable(
  "app_requests",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    clientId: text("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    scopes: text("scopes").array().notNull(),
    /** The host that would receive the answer. Null for a device. */
    redirectHost: text("redirect_host"),
    /** The client as it was then. */
    fingerprint: byteaColumn("fingerprint").notNull(),
    createdAt: createdAt(),
    /** When the owner's webhook took it, and how often it was tried. */
    toldAt: timestamptzColumn("told_at"),
    tries: integer("tries").notNull().default(0),
  },
  (table) => [
    uniqueIndex("app_requests_person").on(table.userId, table.clientId),
    index("app_requests_client").on(table.clientId),
    index("app_requests_resource").on(table.resourceId),
    index("app_requests_created").on(table.createdAt),
  ],
);
