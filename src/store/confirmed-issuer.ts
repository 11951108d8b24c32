import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Database, isBehind } from "./database.ts";
import { bytea, text, timestamptz } from "./sql.ts";

/** The issuer that the owner confirmed; null if nobody has, or nobody has migrated the database. */
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
 * Makes a URL the issuer, once: whoever holds the link that makes an owner may, while it can be used and no other is confirmed.
 * The issuer that holds from then on; null if there is none, since the link won't do.
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
