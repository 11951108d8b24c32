import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { json } from "./sql.ts";

/** Makes the list of authenticators what this one says, by AAGUID; those that it doesn't have stay. */
export async function upsertAuthenticators(db: Database, names: Readonly<Record<string, string>>): Promise<void> {
  await db.run(sql`
    insert into authenticators (aaguid, name) select lower(key), value from jsonb_each_text(${json(names)})
    on conflict (aaguid) do update set name = excluded.name where authenticators.name <> excluded.name`);
}
