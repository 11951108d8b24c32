import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";

/** Protected MCP servers. */
export const resources = pgTable(
  "resources",
  {
    /** Short and random: the username of its Basic credential. */
    id: text("id").primaryKey(),
    /** The canonical resource identifier (RFC 8707), without a trailing slash. */
    uri: text("uri").notNull().unique(),
    name: text("name").notNull(),
    /** The resource of requests without `resource`. */
    isDefault: boolean("is_default").notNull().default(false),
    /** True if it is for everybody, false if it is for those whom `access_rules` name. */
    isOpen: boolean("is_open").notNull().default(true),
    /** How long a connection may last at most. Null for as long as the server allows. */
    maxFamilySeconds: integer("max_family_seconds"),
    /** How long an access token for it is good. Null for the configured lifetime. */
    accessSeconds: integer("access_seconds"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("resources_default").on(table.isDefault).where(sql`${table.isDefault}`),
    check("resources_max_family_seconds", sql`${table.maxFamilySeconds} > 0`),
    // Tokens are looked up on each use, so a long-lived one can be revoked like any other. Beyond a day it would really
    // be a refresh token.
    check("resources_access_seconds", sql`${table.accessSeconds} between 60 and 86400`),
  ],
);

export const scopes = pgTable(
  "scopes",
  {
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** The sentence that the consent page shows. */
    description: text("description").notNull(),
    implies: text("implies").array().notNull().default(sql`'{}'`),
    /** Granted to requests that name no scope. */
    isDefault: boolean("is_default").notNull().default(true),
    position: integer("position").notNull(),
    /** The scopes of each provider that an app needs for it: `{"github":["read:issues"]}`. */
    needs: jsonb("needs").notNull().default(sql`'{}'`),
    /** A sentence on why it needs more than a reviewer would expect. Null if it doesn't. */
    broad: text("broad"),
  },
  (table) => [primaryKey({ columns: [table.resourceId, table.name] }), index("scopes_name").on(table.name)],
);

/** The credentials with which a resource introspects: one, or two during a rotation. */
export const introspectionCredentials = pgTable(
  "introspection_credentials",
  {
    digest: byteaColumn("digest").primaryKey(),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    /** 1 or 2. The pair of resource and slot is unique, so a third can't exist. */
    slot: integer("slot").notNull(),
    createdAt: createdAt(),
    /** Rounded to the hour. */
    lastUsedAt: timestamptzColumn("last_used_at"),
  },
  (table) => [
    uniqueIndex("introspection_credentials_slot").on(table.resourceId, table.slot),
    index("introspection_credentials_unused").on(table.resourceId).where(sql`${table.lastUsedAt} is null`),
    check("introspection_credentials_two", sql`${table.slot} in (1, 2)`),
  ],
);

/** Tokens that open the registration endpoint when its policy is `token` (RFC 7591 §3). */
export const initialAccessTokens = pgTable(
  "initial_access_tokens",
  {
    digest: byteaColumn("digest").primaryKey(),
    id: uuid("id").notNull().unique().defaultRandom(),
    label: text("label").notNull(),
    /** Clients registered with it may only ask for this resource. */
    resourceId: text("resource_id").references(() => resources.id, { onDelete: "cascade" }),
    /** Null for any number of times. */
    usesLeft: integer("uses_left"),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at"),
    revokedAt: timestamptzColumn("revoked_at"),
  },
  (table) => [
    index("initial_access_tokens_resource").on(table.resourceId),
    index("initial_access_tokens_created").on(table.createdAt, table.id),
    check("initial_access_tokens_uses_left", sql`${table.usesLeft} >= 0`),
  ],
);
