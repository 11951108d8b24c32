import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";
import { resources } from "./resources.ts";

/** OAuth clients, however they were registered. */
export const clients = pgTable(
  "clients",
  {
    /** Random, or the https URL of a Client ID Metadata Document. */
    id: text("id").primaryKey(),
    registration: text("registration", { enum: ["preregistered", "dynamic", "metadata_document"] }).notNull(),
    name: text("name").notNull(),
    clientUri: text("client_uri"),
    redirectUris: text("redirect_uris").array().notNull(),
    /** Where they lead: see `hostOfUri`. Null for what an earlier version wrote. */
    redirectHosts: text("redirect_hosts").array(),
    grantTypes: text("grant_types").array().notNull(),
    scope: text("scope"),
    applicationType: text("application_type", { enum: ["native", "web"] }).notNull(),
    /** The token endpoint authentication methods it may use. */
    authenticationMethods: text("authentication_methods").array().notNull(),
    secretDigest: byteaColumn("secret_digest"),
    /** Whether it gets tokens only with a proof of a key (RFC 9449 §5.2). */
    dpopBound: boolean("dpop_bound").notNull().default(false),
    jwks: jsonb("jwks"),
    jwksUri: text("jwks_uri"),
    /**
     * The key set last fetched from `jwks_uri`, when that was, and when it was last requested, with or without success.
     */
    fetchedJwks: jsonb("fetched_jwks"),
    jwksFetchedAt: timestamptzColumn("jwks_fetched_at"),
    jwksAskedAt: timestamptzColumn("jwks_asked_at"),
    /** The digest of the registration access token (RFC 7592). */
    registrationDigest: byteaColumn("registration_digest"),
    /** Whether it registered with an initial access token, which the owner made. */
    invited: boolean("invited").notNull().default(false),
    /** The only resource it may ask for, if its initial access token was bound to one. */
    resourceId: text("resource_id").references(() => resources.id, { onDelete: "cascade" }),
    /** The digest of what a person is shown and of what decides where tokens can go, see `fingerprintText`. */
    fingerprint: byteaColumn("fingerprint").notNull(),
    /** The fingerprint that the owner approved. The approval is lost when the two differ. */
    approvedFingerprint: byteaColumn("approved_fingerprint"),
    documentFetchedAt: timestamptzColumn("document_fetched_at"),
    documentFreshUntil: timestamptzColumn("document_fresh_until"),
    createdAt: createdAt(),
    /** When the clean-up next checks whether it is still in use. */
    reviewAt: timestamptzColumn("review_at").notNull().default(sql`now() + interval '30 days'`),
    disabledAt: timestamptzColumn("disabled_at"),
  },
  (table) => [
    index("clients_created").on(table.createdAt, table.id),
    index("clients_review").on(table.reviewAt),
    index("clients_resource").on(table.resourceId),
    check("clients_registration", sql`${table.registration} in ('preregistered', 'dynamic', 'metadata_document')`),
    check("clients_redirect_uris", sql`cardinality(${table.redirectUris}) between 0 and 10`),
    check(
      "clients_secret_by_method",
      sql`(${table.secretDigest} is not null) = (${table.authenticationMethods} && '{client_secret_basic,client_secret_post}')`,
    ),
    check(
      "clients_keys_by_method",
      sql`(${table.jwks} is not null or ${table.jwksUri} is not null) or not 'private_key_jwt' = any(${table.authenticationMethods})`,
    ),
  ],
);

/**
 * Clients that registered themselves and that nobody has used. Their number is limited, since anybody can add to them.
 * A trigger on `token_families` removes a client that is used. Counting them reads no more rows than the limit.
 */
export const unusedClients = pgTable(
  "unused_clients",
  {
    clientId: text("client_id")
      .primaryKey()
      .references(() => clients.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (table) => [index("unused_clients_created").on(table.createdAt)],
);

/** Client assertions that were presented (RFC 7523 §3: a `jti` is good once), by the digest of client id and `jti`. */
export const clientAssertions = pgTable(
  "client_assertions",
  {
    digest: byteaColumn("digest").primaryKey(),
    /** The request that brought it, so that this request can tell itself from a replay. */
    requestId: uuid("request_id").notNull(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
  },
  (table) => [index("client_assertions_expiry").on(table.expiresAt)],
);
