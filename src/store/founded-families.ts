import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { ClientCredential } from "./client-credentials.ts";
import { issuedColumns, type TokenLifetimes } from "./issued-tokens.ts";
import { after, bytes, instant, text, texts } from "./sql.ts";

export type NewTokens = {
  readonly familyId: string;
  readonly accessDigest: Digest;
  readonly refreshDigest: Digest;
};

/**
 * The CTEs `family`, `access` and `refresh`, for a gate whose CTE `code` has what it spent: family_id, user_id, client_id,
 * resource_id, scopes, user_agent, family_seconds and refreshable. `scopes` narrows the access token; null for all.
 */
export const foundFamily = (
  { method }: ClientCredential,
  tokens: NewTokens,
  lifetimes: TokenLifetimes,
  scopes: readonly string[] | null,
  now: Date,
): SQL => sql`
  family as (
    insert into token_families
      (id, user_id, client_id, resource_id, scopes, user_agent, authentication_method, created_at, expires_at)
    select family_id, user_id, client_id, resource_id, scopes, user_agent, ${text(method)}, ${instant(now)},
      ${instant(now)} + family_seconds * interval '1 second' from code
    returning *),
  access as (
    insert into access_tokens (digest, family_id, generation, scopes, created_at, expires_at)
    select ${bytes(tokens.accessDigest)}, id, 0, coalesce(${texts(scopes)}, scopes), ${instant(now)},
      least(${after(now, lifetimes.accessSeconds)}, expires_at) from family
    returning *),
  refresh as (
    insert into refresh_tokens (digest, family_id, generation, created_at, expires_at)
    select ${bytes(tokens.refreshDigest)}, family.id, 0, ${instant(now)},
      least(${after(now, lifetimes.refreshSeconds)}, family.expires_at)
    from family, code where code.refreshable
    returning digest)`;

/** The `IssuedTokens` of a family that was founded; `code` has resource_uri too. */
export const selectFounded: SQL = sql`
  select ${issuedColumns(sql`code.resource_uri`, sql`exists (select from refresh)`)} from code, access t`;
