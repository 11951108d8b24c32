import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { clients } from "./clients.ts";
import { bytea, createdAt, instant } from "./columns.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

/**
 * One authorization: a person let a client use a resource, or a client used its own (client credentials). Every token belongs
 * to one, and dies with it.
 */
export const tokenFamilies = pgTable(
  "token_families",
  {
    id: uuid("id").primaryKey(),
    /** null for what a client does in its own name. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    clientId: text("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    scopes: text("scopes").array().notNull(),
    /** What was granted at first, where that is more than is left; null while nothing was taken away. */
    grantedScopes: text("granted_scopes").array(),
    /** What its person can have back: the scopes before they last took some away, when, and in which session. */
    narrowedFrom: text("narrowed_from").array(),
    narrowedAt: instant("narrowed_at"),
    narrowedBy: bytea("narrowed_by"),
    /** What its person calls it. */
    name: text("name"),
    /** The user agent of the browser in which it was allowed. */
    userAgent: text("user_agent"),
    /** The most that the client has authenticated with. It can't do with less later. */
    authenticationMethod: text("authentication_method").notNull(),
    /** The thumbprint of the key that its client has proven (RFC 9449 §6.1). It can't do without one later, and a public client with no other. */
    dpopJkt: text("dpop_jkt"),
    createdAt: createdAt(),
    /** The end, however often it is refreshed. */
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    revokedReason: text("revoked_reason"),
  },
  (table) => [
    index("token_families_user_client").on(table.userId, table.clientId),
    index("token_families_user_created").on(table.userId, table.createdAt, table.id),
    // The live ones of a client or resource are next to each other, so that counting some reads no others.
    index("token_families_client").on(table.clientId, table.revokedAt, table.expiresAt),
    index("token_families_resource").on(table.resourceId, table.revokedAt, table.expiresAt),
    // What the clean-up goes by: when a family ended, and sooner where nobody's history is in it.
    index("token_families_end").on(sql`coalesce(${table.revokedAt}, ${table.expiresAt})`),
    index("token_families_machines").on(table.expiresAt).where(sql`${table.userId} is null`),
    check("token_families_revoked", sql`(${table.revokedAt} is null) = (${table.revokedReason} is null)`),
  ],
);

export const accessTokens = pgTable(
  "access_tokens",
  {
    digest: bytea("digest").primaryKey(),
    familyId: uuid("family_id")
      .notNull()
      .references(() => tokenFamilies.id, { onDelete: "cascade" }),
    /** That of the refresh token issued with it. */
    generation: integer("generation").notNull(),
    scopes: text("scopes").array().notNull(),
    /** The thumbprint of the key that it is bound to; null for a bearer token. */
    dpopJkt: text("dpop_jkt"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    /** Stamped once, by the first introspection that found it active. Unindexed, so that the row stays on its page. */
    firstUsedAt: instant("first_used_at"),
  },
  (table) => [
    uniqueIndex("access_tokens_generation").on(table.familyId, table.generation),
    index("access_tokens_expiry").on(table.expiresAt),
  ],
);

export const refreshTokens = pgTable(
  "refresh_tokens",
  {
    digest: bytea("digest").primaryKey(),
    familyId: uuid("family_id")
      .notNull()
      .references(() => tokenFamilies.id, { onDelete: "cascade" }),
    /** 0 for the one that came with the code; each rotation adds one. */
    generation: integer("generation").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
    /** The pair that its rotation gave, under a key that needs the token itself. Unindexed, so that the row stays on its page. */
    sealedAnswer: text("sealed_answer"),
    /** A keyed hash of what the caller who rotated it looked like. */
    rotatedBy: bytea("rotated_by"),
  },
  (table) => [
    uniqueIndex("refresh_tokens_generation").on(table.familyId, table.generation),
    index("refresh_tokens_expiry").on(table.expiresAt),
  ],
);
