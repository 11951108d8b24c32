import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { clients } from "./clients.ts";
import { createdAt, timestamptzColumn } from "./columns.ts";
import { users } from "./users.ts";

/** Whose assertions are taken for tokens (RFC 7521 §4.1): identity providers that vouch for people, and those that sign for programs. */
export const trustedIssuers = pgTable(
  "trusted_issuers",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** What the owner calls it: `acme`. */
    name: text("name").notNull().unique(),
    /** Compared with `iss`, letter by letter. */
    issuer: text("issuer").notNull().unique(),
    /** Its keys, if the owner gave them. Otherwise they are fetched. */
    jwks: jsonb("jwks"),
    jwksUri: text("jwks_uri"),
    /** The key set last fetched from `jwks_uri`, when that was, and when one was last asked for, with or without success. */
    fetchedJwks: jsonb("fetched_jwks"),
    jwksFetchedAt: timestamptzColumn("jwks_fetched_at"),
    jwksAskedAt: timestamptzColumn("jwks_asked_at"),
    /** Whether it vouches for people (ID-JAG). One that signs for programs alone doesn't. */
    vouches: boolean("vouches").notNull(),
    /** Whose assertions those of an issuer of many tenants have to be. */
    tenant: text("tenant"),
    /** Whether a verified address names the person who has it here. */
    linksAddresses: boolean("links_addresses").notNull().default(false),
    /** The people who become members by its assertions: `everybody` or `domain:example.com`. Nobody if it is empty. */
    joining: text("joining").array().notNull().default(sql`'{}'`),
    /** Whether its assertions get refresh tokens. */
    refreshes: boolean("refreshes").notNull().default(false),
    createdAt: createdAt(),
    disabledAt: timestamptzColumn("disabled_at"),
  },
  (table) => [
    check("trusted_issuers_name", sql`${table.name} ~ '^[a-z][a-z0-9-]{0,31}$'`),
    check("trusted_issuers_keys", sql`num_nonnulls(${table.jwks}, ${table.jwksUri}) = 1`),
  ],
);

/** Who somebody is for an issuer that vouches for people. It signs nobody in. */
export const issuerSubjects = pgTable(
  "issuer_subjects",
  {
    issuerId: uuid("issuer_id")
      .notNull()
      .references(() => trustedIssuers.id, { onDelete: "cascade" }),
    subject: text("subject").notNull(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.issuerId, table.subject] }), index("issuer_subjects_user").on(table.userId)],
);

/** Rules that say which program of an issuer is which machine. A rule never changes, since it decides who the machine is. */
export const workloadRules = pgTable(
  "workload_rules",
  {
    clientId: text("client_id")
      .primaryKey()
      .references(() => clients.id, { onDelete: "cascade" }),
    issuerId: uuid("issuer_id")
      .notNull()
      .references(() => trustedIssuers.id, { onDelete: "cascade" }),
    audience: text("audience").notNull(),
    /** Patterns by the name of the claim: see `oauth/workload.ts`. */
    claims: jsonb("claims").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("workload_rules_issuer").on(table.issuerId)],
);
