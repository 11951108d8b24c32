import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Database } from "./database.ts";
import { bytea, epoch, integer, uuid } from "./sql.ts";

export type TokenLifetimes = {
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
  readonly familySeconds: number;
};

/** What a gate stores about a family that it creates. */
export type NewTokens = {
  readonly familyId: string;
  readonly accessDigest: Digest;
  readonly refreshDigest: Digest;
};

/** The parameters that every gate takes which creates a family. */
export const newTokenParameters = (
  tokens: NewTokens,
  { accessSeconds, refreshSeconds, familySeconds }: TokenLifetimes,
): Record<string, SQL> => ({
  family: uuid(tokens.familyId),
  access: bytea(tokens.accessDigest),
  refresh: bytea(tokens.refreshDigest),
  access_seconds: integer(accessSeconds),
  refresh_seconds: integer(refreshSeconds),
  family_seconds: integer(familySeconds),
});

/** What a token gate has committed. */
export type IssuedTokens = {
  readonly resourceUri: string;
  /** The scopes of the access token. The family may hold more. */
  readonly scopes: string[];
  /** Seconds since 1970. */
  readonly accessExpiresAt: number;
  readonly hasRefreshToken: boolean;
  /** Whether it is good only with a proof of its key (RFC 9449 §5). */
  readonly isBound: boolean;
};

/**
 * Whether tokens of ours are in the database. After a gate's answer was lost, this says whether the gate had committed,
 * since only the Worker that made the tokens knows their digests.
 */
export async function findIssuedTokens(
  db: Database,
  tokens: { readonly accessDigest: Digest; readonly refreshDigest: Digest | null },
): Promise<IssuedTokens | null> {
  // Asks only once, because the gate has used up half of the time that a client waits.
  const [issued] = await db.run<IssuedTokens>(sql`
    select r.uri as "resourceUri", t.scopes, ${epoch(sql`t.expires_at`)} as "accessExpiresAt",
      exists (select from refresh_tokens where digest = ${bytea(tokens.refreshDigest)}) as "hasRefreshToken",
      t.dpop_jkt is not null as "isBound"
    from access_tokens t join token_families f on f.id = t.family_id join resources r on r.id = f.resource_id
    where t.digest = ${bytea(tokens.accessDigest)} and f.revoked_at is null and t.revoked_at is null`);
  return issued ?? null;
}
