import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { clients } from "./clients.ts";
import { byteaColumn, createdAt, timestamptzColumn } from "./columns.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

export const authorizationCodes = pgTable(
  "authorization_codes",
  {
    digest: byteaColumn("digest").primaryKey(),
    clientId: text("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    scopes: text("scopes").array().notNull(),
    redirectUri: text("redirect_uri").notNull(),
    /** Where that leads: see `hostOfUri`. Null for what an earlier version wrote. */
    redirectHost: text("redirect_host"),
    codeChallenge: text("code_challenge").notNull(),
    /** The thumbprint of the key that has to be proven to redeem it (RFC 9449 §10). Null for any key or none. */
    dpopJkt: text("dpop_jkt"),
    /** How long the connection may last, as the person chose. Null for as long as the server allows. */
    familySeconds: integer("family_seconds"),
    /** The user agent of the browser in which the person allowed it. */
    userAgent: text("user_agent"),
    createdAt: createdAt(),
    expiresAt: timestamptzColumn("expires_at").notNull(),
    redeemedAt: timestamptzColumn("redeemed_at"),
    /** The family that its redemption created. It has no foreign key, since one statement writes both rows. */
    familyId: uuid("family_id"),
  },
  (table) => [
    index("authorization_codes_expiry").on(table.expiresAt),
    index("authorization_codes_client").on(table.clientId),
    index("authorization_codes_user").on(table.userId),
    index("authorization_codes_resource").on(table.resourceId),
  ],
);
