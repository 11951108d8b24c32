import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { json } from "./sql.ts";

/** Updates the list of authenticators by AAGUID. Entries that the new list lacks stay. */
export async function upsertAuthenticators(db: Database, names: Readonly<Record<string, string>>): Promise<void> {
  await db.run(sql`
    insert into authenticators (aaguid, name) select lower(key), value from jsonb_each_text(${json(names)})
    on conflict (aaguid) do update set name = excluded.name where authenticators.name <> excluded.name`);
}
