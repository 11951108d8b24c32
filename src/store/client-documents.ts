import { sql } from "drizzle-orm";
import { documentAsJson } from "./clients.ts";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";

/** What is stored of the metadata document of a client. */
type StoredDocument = {
  /** When it was fetched, and until when it is fresh, in milliseconds since 1970. Null if it never was. */
  readonly known: { readonly fetchedAt: number; readonly freshUntil: number } | null;
  /** Whether a rule of the owner's keeps its host out. It isn't fetched then. */
  readonly isRefused: boolean;
};

export async function findDocument(db: Database, id: string): Promise<StoredDocument> {
  const [row] = await db.read<StoredDocument>(sql`
    select (select ${documentAsJson} from clients c where c.id = ${text(id)}) as "known",
      coalesce((app_rule_1('document', substring(${text(id)} from '^https://([^/]+)'))).decision = 'refuse', false) as "isRefused"`);
  if (!row) throw new Error("a statement without a table returns a row");
  return row;
}
