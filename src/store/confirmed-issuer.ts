import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Database, isBehind } from "./database.ts";
import { bytea, text, timestamptz } from "./sql.ts";

/** The issuer that the owner confirmed. Null if nobody has, or if the database isn't migrated. */
export async function findConfirmedIssuer(db: Database): Promise<string | null> {
  try {
    const [row] = await db.read<{ issuer: string }>(sql`select issuer from deployment`);
    return row?.issuer ?? null;
  } catch (error) {
    if (isBehind(error)) return null;
    throw error;
  }
}

/**
 * Makes a URL the issuer, once. The holder of the link that makes the first owner may, while the link is good and no
 * other issuer is confirmed. Returns the issuer that holds from then on, or null if the link isn't good.
 */
export async function insertConfirmedIssuer(
  db: Database,
  { digest, issuer }: { readonly digest: Digest; readonly issuer: string },
  now: Date,
): Promise<string | null> {
  await db.run(sql`
    insert into deployment (issuer, confirmed_at)
    select ${text(issuer)}, ${timestamptz(now)} from setup_links
    where digest = ${bytea(digest)} and role = 'owner' and used_at is null and expires_at > ${timestamptz(now)}
    on conflict do nothing`);
  return findConfirmedIssuer(db);
}
