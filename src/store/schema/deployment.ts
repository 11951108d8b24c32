import { sql } from "drizzle-orm";
import { boolean, check, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** What the owner said of the deployment itself. There is one row, or none. */
export const deployment = pgTable(
  "deployment",
  {
    isOne: boolean("is_one").primaryKey().default(true),
    /** The issuer, where no variable names it. */
    issuer: text("issuer").notNull(),
    confirmedAt: instant("confirmed_at").notNull(),
  },
  (table) => [check("deployment_is_one", sql`${table.isOne}`)],
);
