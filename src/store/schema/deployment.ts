import { sql } from "drizzle-orm";
import { boolean, check, pgTable, text } from "drizzle-orm/pg-core";
import { timestamptzColumn } from "./columns.ts";

/** What the owner has set for the deployment itself, in one row or none. */
export const deployment = pgTable(
  "deployment",
  {
    isOne: boolean("is_one").primaryKey().default(true),
    /** The issuer, if no variable names it. */
    issuer: text("issuer").notNull(),
    confirmedAt: timestamptzColumn("confirmed_at").notNull(),
  },
  (table) => [check("deployment_is_one", sql`${table.isOne}`)],
);
