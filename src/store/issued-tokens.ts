import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Database } from "./database.ts";
import { bytes, epoch } from "./sql.ts";

export type TokenLifetimes = {
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
  readonly familySeconds: number;
};

/** What a token gate committed. */
export type IssuedTokens = {
  readonly resourceUri: string;
  /** Of the access token; the family may hold more. */
  readonly scopes: string[];
  /** Seconds since 1970. */
  readonly accessExpiresAt: number;
  readonly hasRefreshToken: boolean;
};

/** Columns of `IssuedTokens` over `access_tokens t`. */
export const issuedColumns = (resourceUri: SQL, hasRefreshToken: SQL): SQL => sql`
  ${resourceUri} as "resourceUri",
  t.scopes as "scopes", ${epoch(sql`t.expires_at`)} as "accessExpiresAt", ${hasRefreshToken} as "hasRefreshToken"`;

/**
 * Whether tokens of ours are in the database: after a gate's answer was lost, this tells whether it had committed.
 * Only who made the tokens knows their digests.
 */
export async function findIssuedTokens(
  db: Database,
  tokens: { readonly accessDigest: Digest; readonly refreshDigest: Digest | null },
): Promise<IssuedTokens | null> {
  // Asked once: the gate has used up half of the time that a client waits.
  const [issued] = await db.run<IssuedTokens>(sql`
    select ${issuedColumns(
      sql`r.uri`,
      sql`exists (select from refresh_tokens where digest = ${bytes(tokens.refreshDigest)})`,
    )}
    from access_tokens t join token_families f on f.id = t.family_id join resources r on r.id = f.resource_id
    where t.digest = ${bytes(tokens.accessDigest)} and f.revoked_at is null and t.revoked_at is null`);
  return issued ?? null;
}
