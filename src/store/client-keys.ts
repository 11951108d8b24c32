import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { json, minus, text, timestamptz } from "./sql.ts";

/** The keys that verify assertions of a client or a trusted issuer (RFC 7591 §2, `jwks` and `jwks_uri`). */
export type SigningKeys = {
  readonly jwks: JsonWebKeySet | null;
  readonly jwksUri: string | null;
  /** Whether they are so old that they should be fetched again. */
  readonly outdated: boolean;
};

export type JsonWebKeySet = { readonly keys: Record<string, unknown>[] };

/** Null for a client that is unknown or may not authenticate with keys. */
export async function findClientKeys(
  db: Database,
  clientId: string,
  maxAgeSeconds: number,
  now: Date,
): Promise<SigningKeys | null> {
  const [keys] = await db.read<SigningKeys>(sql`
    select coalesce(jwks, fetched_jwks) as "jwks", jwks_uri as "jwksUri",
      jwks is null and fetched_jwks is not null
        and coalesce(jwks_fetched_at, '-infinity') < ${minus(now, maxAgeSeconds)} as "outdated"
    from clients where id = ${text(clientId)} and 'private_key_jwt' = any(authentication_methods)`);
  return keys ?? null;
}

/**
 * Claims the right to fetch a client's keys, once an interval. A caller that gets false has to use the keys that are
 * there.
 */
export async function claimKeyFetch(
  db: Database,
  clientId: string,
  intervalSeconds: number,
  now: Date,
): Promise<boolean> {
  const rows = await db.run(sql`
    update clients set jwks_asked_at = ${timestamptz(now)}
    where id = ${text(clientId)} and coalesce(jwks_asked_at, '-infinity') <= ${minus(now, intervalSeconds)}
    returning id`);
  return rows.length > 0;
}

export async function updateFetchedKeys(
  db: Database,
  clientId: string,
  { jwksUri, jwks }: { readonly jwksUri: string; readonly jwks: object },
  now: Date,
): Promise<void> {
  await db.run(sql`
    update clients set fetched_jwks = ${json(jwks)}, jwks_fetched_at = ${timestamptz(now)}
    where id = ${text(clientId)} and jwks_uri = ${text(jwksUri)} returning id`);
}
