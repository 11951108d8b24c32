import { sql } from "drizzle-orm";
import { documentAsJson } from "./clients.ts";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";

/** When the metadata document of a client was fetched, and until when it is fresh; null if it never was. */
export async function findDocument(
  db: Database,
  id: string,
): Promise<{ readonly fetchedAt: number; readonly freshUntil: number } | null> {
  const [row] = await db.read<{ document: { fetchedAt: number; freshUntil: number } | null }>(sql`
    select ${documentAsJson} as "document" from clients c where c.id = ${text(id)}`);
  return row?.document ?? null;
}
