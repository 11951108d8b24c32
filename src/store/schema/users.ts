import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, createdAt, instant } from "./columns.ts";

export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Lower-case; what the person signs in with. */
    email: text("email").notNull().unique(),
    role: text("role", { enum: ["owner", "member"] }).notNull(),
    /** A PHC string, or null for a person who signs in by passkey alone. */
    passwordHash: text("password_hash"),
    passwordChangedAt: instant("password_changed_at"),
    createdAt: createdAt(),
    disabledAt: instant("disabled_at"),
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
    publicKey: bytea("public_key").notNull(),
    signatureCounter: bigint("signature_counter", { mode: "number" }).notNull(),
    transports: text("transports").array().notNull(),
    backedUp: boolean("backed_up").notNull(),
    createdAt: createdAt(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [index("passkeys_user").on(table.userId)],
);

/** What authenticators are called, by their AAGUID. `cli migrate` fills it. */
export const authenticators = pgTable("authenticators", {
  aaguid: text("aaguid").primaryKey(),
  name: text("name").notNull(),
});

/** Sign-ins. The cookie holds the token, the table its digest. */
export const sessions = pgTable(
  "sessions",
  {
    digest: bytea("digest").primaryKey(),
    /** What the person's list of sign-ins calls it. */
    id: uuid("id").notNull().unique().defaultRandom(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    authenticationMethod: text("authentication_method", {
      enum: ["password", "passkey", "recovery_code", "setup_link", "provider"],
    }).notNull(),
    /** When they proved who they are: here, or at the provider that says so; long ago where it doesn't. */
    authenticatedAt: instant("authenticated_at").notNull(),
    createdAt: createdAt(),
    lastSeenAt: instant("last_seen_at").notNull(),
    /** The end, however busy the session is; the idle limit counts from `last_seen_at`. */
    expiresAt: instant("expires_at").notNull(),
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

/** WebAuthn challenges that were answered: each is good once. */
export const answeredChallenges = pgTable(
  "answered_challenges",
  { digest: bytea("digest").primaryKey(), expiresAt: instant("expires_at").notNull() },
  (table) => [index("answered_challenges_expiry").on(table.expiresAt)],
);

/** What lets a person in who has lost everything else; each is good once. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    digest: bytea("digest").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    usedAt: instant("used_at"),
  },
  (table) => [
    index("recovery_codes_user").on(table.userId),
    index("recovery_codes_used").on(table.usedAt).where(sql`${table.usedAt} is not null`),
  ],
);

/** One-time links: an invitation makes an account, a reset gives its person new credentials. */
export const setupLinks = pgTable(
  "setup_links",
  {
    digest: bytea("digest").primaryKey(),
    /** What the owner's list of links calls it. */
    id: uuid("id").notNull().unique().defaultRandom(),
    /** The role that an invitation gives; null for a reset. */
    role: text("role", { enum: ["owner", "member"] }),
    /** Whom an invitation is for; null where the person may say. */
    email: text("email"),
    /** Whose credentials a reset replaces; null for an invitation. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** The owner who made it, and with whom it ends; null for the operator. */
    createdBy: uuid("created_by").references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
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
