import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { after, bytes, epoch, instant, text } from "./sql.ts";

/** What introspection tells of an active token (RFC 7662 §2.2). Times in seconds since 1970. */
export type ActiveToken = {
  /** null for what a client does in its own name. */
  readonly userId: string | null;
  readonly email: string | null;
  readonly clientId: string;
  readonly scopes: string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
};

export type Introspection = { readonly resourceUri: string; readonly token: ActiveToken | null };

/**
 * Looks a token up for the resource that holds the credential; null if no resource does. The join over family, user and
 * client is the revocation check. The first look-up that finds a token active stamps it as seen in use.
 */
export async function findAccessToken(
  db: Database,
  presented: { readonly digest: Digest | null; readonly credentialDigest: Digest; readonly resourceId: string | null },
  actor: Actor,
): Promise<Introspection | null> {
  const { now } = actor;
  const [row] = await db.run<{ resourceUri: string; active: boolean } & ActiveToken>(sql`
    with caller as (
      select r.id, r.uri from introspection_credentials i join resources r on r.id = i.resource_id
      where i.digest = ${bytes(presented.credentialDigest)} and r.id = coalesce(${text(presented.resourceId)}, r.id)),
    token as (
      select t.digest, t.first_used_at, t.created_at, t.expires_at, f.id as family_id, f.user_id, f.client_id, u.email,
        array(select s from unnest(t.scopes) with ordinality x(s, n) where s = any(f.scopes) order by n) as scopes
      from caller join access_tokens t on t.digest = ${bytes(presented.digest)}
        join token_families f on f.id = t.family_id and f.resource_id = caller.id
        left join users u on u.id = f.user_id join clients c on c.id = f.client_id
      where t.expires_at > ${instant(now)} and t.revoked_at is null and f.revoked_at is null
        and u.disabled_at is null and c.disabled_at is null),
    foreign_token as (
      select f.user_id, f.client_id, caller.id as resource_id, f.id as family_id
      from caller join access_tokens t on t.digest = ${bytes(presented.digest)}
        join token_families f on f.id = t.family_id and f.resource_id <> caller.id
      -- Once a minute is enough to know, and doesn't fill the log.
      where not exists (
        select from audit_events e where e.family_id = f.id and e.name = 'foreign_token_introspected'
          and e.resource_id = caller.id and e.at > ${after(now, -60)})),
    audit as (${auditEach("foreign_token_introspected", sql`foreign_token`, actor)}),
    stamped as (
      update access_tokens t set first_used_at = ${instant(now)} from token
      where t.digest = token.digest and token.first_used_at is null and t.first_used_at is null)
    select caller.uri as "resourceUri", token.digest is not null as "active",
      token.user_id as "userId", token.email, token.client_id as "clientId", token.scopes,
      ${epoch(sql`token.created_at`)} as "issuedAt", ${epoch(sql`token.expires_at`)} as "expiresAt"
    from caller left join token on true`);
  if (!row) return null;
  const { resourceUri, active, ...token } = row;
  return { resourceUri, token: active ? token : null };
}
