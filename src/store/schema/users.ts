import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";

export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** The address that the person signs in with, in lower case. */
    email: text("email").notNull().unique(),
    role: text("role", { enum: ["owner", "member"] }).notNull(),
    /** A PHC string, or null for a person who signs in by passkey alone. */
    passwordHash: text("password_hash"),
    passwordChangedAt: timestamptzColumn("password_changed_at"),
    createdAt: createdAt(),
    disabledAt: timestamptzColumn("disabled_at"),
  },
  (table) => [
    check("users_role", sql`${table.role} in ('owner', 'member')`),
    check("users_email_lower_case", sql`${table.email} = lower(${table.email})`),
  ],
);

/** WebAuthn credentials. */
export const passkeys = pgTable(
  "passkeys",
  {
    /** The credential id, base64url. */
    id: text("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    publicKey: byteaColumn("public_key").notNull(),
    signatureCounter: bigint("signature_counter", { mode: "number" }).notNull(),
    transports: text("transports").array().notNull(),
    backedUp: boolean("backed_up").notNull(),
    createdAt: createdAt(),
    lastUsedAt: timestamptzColumn("last_used_at"),
  },
  (table) => [index("passkeys_user").on(table.userId)],
);

/** The names of authenticators, by AAGUID. `cli migrate` fills it. */
export const authenticators = pgTable("authenticators", {
  aaguid: text("aaguid").primaryKey(),
  name: text("name").notNull(),
});

/** Sign-ins. The cookie holds the token, and the table its digest. */
export const sessions = pgTable(
  "sessions",
  {
    digest: byteaColumn("digest").primaryKey(),
    /** Its name in the person's list of sign-ins. */
    id: uuid("id").notNull().unique().defaultRandom(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    authenticationMethod: text("authentication_method", {
      enum: ["password", "passkey", "recovery_code", "setup_link", "provider"],
    }).notNull(),
    /**
     * When the person last proved who they are, here or at a provider that says when. Long ago if the provider doesn't
     * say.
     */
    authenticatedAt: timestamptzColumn("authenticated_at").notNull(),
    createdAt: createdAt(),
    lastSeenAt: timestamptzColumn("last_seen_at").notNull(),
    /** When it ends, however busy it is. The idle limit counts from `last_seen_at`. */
    expiresAt: timestamptzColumn("expires_at").notNull(),
    userAgent: text("user_agent"),
  },
  (table) => [
    index("sessions_user").on(table.userId),
    index("sessions_expiry").on(table.expiresAt),
    check(
      "sessions_authentication_method",
      sql`${table.authenticationMethod} in ('password', 'passkey', 'recovery_code', 'setup_link', 'provider')`,
    ),
  ],
);

/** WebAuthn challenges that were answered. Each is good once. */
export const answeredChallenges = pgTable(
  "answered_challenges",
  { digest: byteaColumn("digest").primaryKey(), expiresAt: timestamptzColumn("expires_at").notNull() },
  (table) => [index("answered_challenges_expiry").on(table.expiresAt)],
);

/** Recovery codes, for a person who has lost every other way to sign in. Each is good once. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    digest: byteaColumn("digest").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    usedAt: timestamptzColumn("used_at"),
  },
  (table) => [
    index("recovery_codes_user").on(table.userId),
    index("recovery_codes_used").on(table.usedAt).where(sql`${table.usedAt} is not null`),
  ],
);

/** One-time links. An invitation makes an account, and a reset gives its person new credentials. */
export const setupLinks = pgTable(
  "setup_links",
  {
    digest: byteaColumn("digest").primaryKey(),
    /** Its name in the owner's list of links. */
    id: uuid("id").notNull().unique().defaultRandom(),
    /** The role that an invitation gives. Null for a reset. */
    role: text("role", { enum: ["owner", "member"] }),
    /** The address that an invitation is for. Null if the person may choose. */
    email: text("email"),
    /** The person whose credentials a reset replaces. Null for an invitation. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** The owner who made it. It is deleted with them. Null for the operator. */
    createdBy: uuid("created_by").references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
    usedAt: timestamptzColumn("used_at"),
  },
  (table) => [
    index("setup_links_user").on(table.userId),
    index("setup_links_creator").on(table.createdBy),
    index("setup_links_expiry").on(table.expiresAt),
    check("setup_links_role", sql`${table.role} in ('owner', 'member')`),
    check("setup_links_purpose", sql`(${table.role} is null) = (${table.userId} is not null)`),
    check("setup_links_email_lower_case", sql`${table.email} = lower(${table.email})`),
  ],
);
