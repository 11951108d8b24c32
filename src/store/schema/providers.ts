import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

/**
 * Upstream authorization servers that the owner has added. People sign in there, or link an account that servers may
 * use.
 */
export const providers = pgTable(
  "providers",
  {
    /** Its name in `needs` and in addresses: `github`. */
    slug: text("slug").primaryKey(),
    name: text("name").notNull(),
    kind: text("kind", { enum: ["openid", "oauth2"] }).notNull(),
    issuer: text("issuer").notNull(),
    clientId: text("client_id").notNull(),
    /** The client secret, sealed in the vault under a data key of its own. Null for a public client. */
    sealed: text("sealed"),
    wrappedKey: text("wrapped_key"),
    keyVersion: text("key_version"),
    /** Its endpoints and quirks, see `oauth/provider.ts`. */
    description: jsonb("description").notNull(),
    /** The scopes that may be requested there, each with a sentence and whether it is broad. */
    scopes: jsonb("scopes").notNull(),
    signsIn: boolean("signs_in").notNull(),
    /** Who may become a member by signing in there. Nobody if it is empty. */
    joining: text("joining").array().notNull().default(sql`'{}'`),
    createdAt: createdAt(),
  },
  (table) => [
    index("providers_issuer").on(table.issuer),
    check("providers_kind", sql`${table.kind} in ('openid', 'oauth2')`),
    check("providers_slug", sql`${table.slug} ~ '^[a-z][a-z0-9-]{0,31}$'`),
    check("providers_sealed", sql`num_nulls(${table.sealed}, ${table.wrappedKey}, ${table.keyVersion}) in (0, 3)`),
  ],
);

/** The MCP servers that may use accounts at a provider. */
export const providerResources = pgTable(
  "provider_resources",
  {
    provider: text("provider")
      .notNull()
      .references(() => providers.slug, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
  },
  (table) => [
    primaryKey({ columns: [table.provider, table.resourceId] }),
    index("provider_resources_resource").on(table.resourceId),
  ],
);

/** A person's identity at a provider. It signs the person in and holds no token. */
export const identities = pgTable(
  "identities",
  {
    provider: text("provider")
      .notNull()
      .references(() => providers.slug, { onDelete: "cascade" }),
    /** The provider's stable id of the person. Never an address, since addresses change hands. */
    subject: text("subject").notNull(),
    id: uuid("id").notNull().unique().defaultRandom(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    label: text("label").notNull(),
    createdAt: createdAt(),
    lastUsedAt: timestamptzColumn("last_used_at"),
  },
  (table) => [primaryKey({ columns: [table.provider, table.subject] }), index("identities_user").on(table.userId)],
);

/** Trips to a provider that haven't come back. Each state is good once, for ten minutes. */
export const providerStates = pgTable(
  "provider_states",
  {
    digest: byteaColumn("digest").primaryKey(),
    provider: text("provider")
      .notNull()
      .references(() => providers.slug, { onDelete: "cascade" }),
    /** The digest of the cookie that the browser is bound to: its session's, or before sign-in a nonce's. */
    browserDigest: byteaColumn("browser_digest").notNull(),
    purpose: text("purpose", { enum: ["sign_in", "identity", "account"] }).notNull(),
    /**
     * The PKCE verifier, the nonce and where the person continues, sealed under the server key and the state itself.
     */
    sealed: text("sealed").notNull(),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
    /** When a callback brought it back. No other callback can use it. */
    claimedAt: timestamptzColumn("claimed_at"),
  },
  (table) => [
    index("provider_states_expiry").on(table.expiresAt),
    index("provider_states_provider").on(table.provider),
    check("provider_states_purpose", sql`${table.purpose} in ('sign_in', 'identity', 'account')`),
  ],
);
