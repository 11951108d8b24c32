import { sql } from "drizzle-orm";
import { check, date, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { clients } from "./clients.ts";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

/**
 * One authorization: a person let a client use a resource, or a client acts for itself (client credentials). Every
 * token belongs to one and ends with it.
 */
export const tokenFamilies = pgTable(
  "token_families",
  {
    id: uuid("id").primaryKey(),
    /** Null if the client acts in its own name. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    clientId: text("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    scopes: text("scopes").array().notNull(),
    /** The scopes that were granted at first, if some were taken away since. Null otherwise. */
    grantedScopes: text("granted_scopes").array(),
    /** What its person can restore: the scopes before they last took some away, when, and in which session. */
    narrowedFrom: text("narrowed_from").array(),
    narrowedAt: timestamptzColumn("narrowed_at"),
    narrowedBy: byteaColumn("narrowed_by"),
    /** The name that its person gave it. */
    name: text("name"),
    /** The user agent of the browser in which the person allowed it. */
    userAgent: text("user_agent"),
    /** The strongest way in which the client has authenticated. It can't use a weaker one later. */
    authenticationMethod: text("authentication_method").notNull(),
    /** The trusted issuer whose assertion created it. The family ends with that issuer, and keeps its id. */
    issuerId: uuid("issuer_id"),
    /**
     * The thumbprint of the key that its client has proven (RFC 9449 §6.1). It has to prove a key from then on, and a
     * public client the same one.
     */
    dpopJkt: text("dpop_jkt"),
    createdAt: createdAt(),
    /** When it ends, however often it is refreshed. */
    expiresAt: timestamptzColumn("expires_at").notNull(),
    revokedAt: timestamptzColumn("revoked_at"),
    revokedReason: text("revoked_reason"),
  },
  (table) => [
    index("token_families_user_client").on(table.userId, table.clientId),
    index("token_families_issuer").on(table.issuerId).where(sql`${table.issuerId} is not null`),
    index("token_families_user_created").on(table.userId, table.createdAt, table.id),
    // Puts the live families of a client or resource next to each other, so that counting them reads no others.
    index("token_families_client").on(table.clientId, table.revokedAt, table.expiresAt),
    index("token_families_resource").on(table.resourceId, table.revokedAt, table.expiresAt),
    // The order for the clean-up: when a family ended, or sooner if nobody needs its history.
    index("token_families_end").on(sql`coalesce(${table.revokedAt}, ${table.expiresAt})`),
    index("token_families_machines").on(table.expiresAt).where(sql`${table.userId} is null`),
    index("token_families_issued").on(table.expiresAt).where(sql`${table.issuerId} is not null`),
    check("token_families_revoked", sql`(${table.revokedAt} is null) = (${table.revokedReason} is null)`),
  ],
);

export const accessTokens = pgTable(
  "access_tokens",
  {
    digest: byteaColumn("digest").primaryKey(),
    familyId: uuid("family_id")
      .notNull()
      .references(() => tokenFamilies.id, { onDelete: "cascade" }),
    /** The generation of the refresh token issued with it. */
    generation: integer("generation").notNull(),
    scopes: text("scopes").array().notNull(),
    /** The thumbprint of the key that it is bound to. Null for a bearer token. */
    dpopJkt: text("dpop_jkt"),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
    revokedAt: timestamptzColumn("revoked_at"),
    /**
     * Stamped once, by the first introspection that found it active. No index has it, so that the update stays on its
     * page.
     */
    firstUsedAt: timestamptzColumn("first_used_at"),
  },
  (table) => [
    uniqueIndex("access_tokens_generation").on(table.familyId, table.generation),
    index("access_tokens_expiry").on(table.expiresAt),
  ],
);

export const refreshTokens = pgTable(
  "refresh_tokens",
  {
    digest: byteaColumn("digest").primaryKey(),
    familyId: uuid("family_id")
      .notNull()
      .references(() => tokenFamilies.id, { onDelete: "cascade" }),
    /** 0 for the token that came with the code. Each rotation adds one. */
    generation: integer("generation").notNull(),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
    usedAt: timestamptzColumn("used_at"),
    /**
     * The pair that its rotation gave, sealed under a key that only the token itself opens. No index has it, so that
     * the update stays on its page.
     */
    sealedAnswer: text("sealed_answer"),
    /** A keyed hash of how the caller that rotated it looked. */
    rotatedBy: byteaColumn("rotated_by"),
  },
  (table) => [
    uniqueIndex("refresh_tokens_generation").on(table.familyId, table.generation),
    index("refresh_tokens_expiry").on(table.expiresAt),
  ],
);

/**
 * Refresh tokens that were spent long enough ago that presenting one can only mean theft (RFC 9700 §4.14.2). A connection that
 * is refreshed hourly has 720 of them, so a row holds no more than it takes to find its family: half a digest is still 128 bits.
 */
export const spentRefreshTokens = pgTable(
  "spent_refresh_tokens",
  {
    digest: byteaColumn("digest").primaryKey(),
    /** No reference, which would need an index. A row that outlives its family finds none and goes when it expires. */
    familyId: uuid("family_id").notNull(),
    /** A day, so that the index holds each of them once. */
    expiresOn: date("expires_on").notNull(),
  },
  (table) => [index("spent_refresh_tokens_expiry").on(table.expiresOn)],
);
