import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt } from "./columns.ts";
import { providers } from "./providers.ts";
import { resources } from "./resources.ts";
import { users } from "./users.ts";

/** A group of people whom a server's rules can name together. */
export const groups = pgTable(
  "groups",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull().unique(),
    /** The provider that says at each sign-in who belongs to it. Null for a group that the owner keeps by hand. */
    provider: text("provider").references(() => providers.slug, { onDelete: "cascade" }),
    /**
     * The rule about what the provider says: `org:acme`, `team:acme/devs`, `domain:example.com`, `claim:groups=staff`.
     */
    rule: text("rule"),
    createdAt: createdAt(),
  },
  (table) => [
    index("groups_provider").on(table.provider),
    check("groups_follow", sql`(${table.provider} is null) = (${table.rule} is null)`),
  ],
);

export const groupMembers = pgTable(
  "group_members",
  {
    groupId: uuid("group_id")
      .notNull()
      .references(() => groups.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.userId] }), index("group_members_user").on(table.userId)],
);

/** Who may use a resource that isn't open: a person, the members of a group, or everybody if both are null. */
export const accessRules = pgTable(
  "access_rules",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    resourceId: text("resource_id")
      .notNull()
      .references(() => resources.id, { onDelete: "cascade" }),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    groupId: uuid("group_id").references(() => groups.id, { onDelete: "cascade" }),
    /** The scopes that they may have. Null for all that it offers. */
    scopes: text("scopes").array(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("access_rules_subject").on(
      table.resourceId,
      sql`coalesce(${table.userId}, ${table.groupId}, '00000000-0000-0000-0000-000000000000'::uuid)`,
    ),
    index("access_rules_user").on(table.userId),
    index("access_rules_group").on(table.groupId),
    check("access_rules_one_subject", sql`num_nonnulls(${table.userId}, ${table.groupId}) <= 1`),
    check("access_rules_scopes", sql`${table.scopes} is null or cardinality(${table.scopes}) > 0`),
  ],
);
