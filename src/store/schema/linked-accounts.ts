import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { clients } from "./clients.ts";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";
import { providers } from "./providers.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

/** An account at a provider through which MCP servers may act for a person. Its tokens are sealed in the vault. */
export const linkedAccounts = pgTable(
  "linked_accounts",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    provider: text("provider")
      .notNull()
      .references(() => providers.slug, { onDelete: "cascade" }),
    /** The provider's stable id of the account. */
    subject: text("subject").notNull(),
    label: text("label").notNull(),
    /** The scopes that the provider says it granted. */
    scopes: text("scopes").array().notNull(),
    /** The tokens, sealed under the row's data key, which is wrapped under the vault key of this version. */
    sealed: text("sealed").notNull(),
    wrappedKey: text("wrapped_key").notNull(),
    keyVersion: text("key_version").notNull(),
    /** When the access token expires. Null if the provider doesn't say. */
    accessExpiresAt: timestamptzColumn("access_expires_at"),
    /** Goes up with every change of the tokens. A statement that changes them names the version that it saw. */
    version: integer("version").notNull().default(1),
    /** The holder of the lease to refresh the tokens, and until when nobody else may. */
    leaseId: uuid("lease_id"),
    leaseUntil: timestamptzColumn("lease_until"),
    state: text("state", { enum: ["good", "needs_sign_in"] })
      .notNull()
      .default("good"),
    createdAt: createdAt(),
    lastUsedAt: timestamptzColumn("last_used_at"),
  },
  (table) => [
    unique("linked_accounts_user_provider").on(table.userId, table.provider),
    index("linked_accounts_provider").on(table.provider),
    index("linked_accounts_key_version").on(table.keyVersion),
    check("linked_accounts_state", sql`${table.state} in ('good', 'needs_sign_in')`),
  ],
);

/** A server that a person lets use an account, with the provider's scopes that it may use. */
export const accountGrants = pgTable(
  "account_grants",
  {
    accountId: uuid("account_id")
      .notNull()
      .references(() => linkedAccounts.id, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    scopes: text("scopes").array().notNull(),
    createdAt: createdAt(),
    lastUsedAt: timestamptzColumn("last_used_at"),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.resourceId] }),
    index("account_grants_resource").on(table.resourceId),
  ],
);

/** Links that ask a person to connect an account. They grant nothing by themselves, and only this person can go on. */
export const connectRequests = pgTable(
  "connect_requests",
  {
    digest: byteaColumn("digest").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    clientId: text("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    provider: text("provider")
      .notNull()
      .references(() => providers.slug, { onDelete: "cascade" }),
    scopes: text("scopes").array().notNull(),
    /** The consent that waits for this, sealed. Null for a link that a tool gave. */
    pending: text("pending"),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
    usedAt: timestamptzColumn("used_at"),
  },
  (table) => [
    index("connect_requests_expiry").on(table.expiresAt),
    index("connect_requests_user").on(table.userId),
    index("connect_requests_client").on(table.clientId),
    index("connect_requests_resource").on(table.resourceId),
    index("connect_requests_provider").on(table.provider),
  ],
);
