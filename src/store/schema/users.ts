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

/** Sign-ins. The cookie holds the token, the table its digest. */
export const sessions = pgTable(
  "sessions",
  {
    digest: bytea("digest").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    authenticationMethod: text("authentication_method", { enum: ["password", "passkey"] }).notNull(),
    authenticatedAt: instant("authenticated_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    /** The end, however busy the session is; the idle limit counts from `last_seen_at`. */
    expiresAt: instant("expires_at").notNull(),
    userAgent: text("user_agent"),
  },
  (table) => [
    index("sessions_user").on(table.userId),
    index("sessions_expiry").on(table.expiresAt),
    check("sessions_authentication_method", sql`${table.authenticationMethod} in ('password', 'passkey')`),
  ],
);
