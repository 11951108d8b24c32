import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import { type ClientCredential, isAuthenticated, spendAssertion } from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { bytes, instant, text } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

/**
 * Revokes a token for its own client (RFC 7009): a refresh token, spent or expired too, takes its family along, an
 * access token goes alone. Another client's token is left as it is. Returns false if the client isn't authenticated.
 */
export async function revokeToken(
  db: Database,
  presented: { readonly digest: Digest; readonly clientId: string; readonly credential: ClientCredential },
  actor: Actor,
): Promise<boolean> {
  const ownFamily = sql`f.id in (
    select t.family_id from refresh_tokens t, caller where t.digest = ${bytes(presented.digest)})
    and f.client_id in (select id from caller)`;
  const [caller] = await db.run(sql`
    with ${spendAssertion(presented.credential)} caller as (
      select c.id from clients c
      where c.id = ${text(presented.clientId)} and c.disabled_at is null and ${isAuthenticated(presented.credential)}),
    access as (
      update access_tokens t set revoked_at = ${instant(actor.now)}
      from token_families f, caller
      where t.digest = ${bytes(presented.digest)} and t.revoked_at is null
        and f.id = t.family_id and f.client_id = caller.id
      returning f.user_id, f.client_id, f.resource_id, f.id as family_id),
    revocation as (${auditEach("token_revoked", sql`access`, actor)}),
    ${revokeSelected(ownFamily, "revoked_by_client", actor)}
    select id from caller`);
  return caller !== undefined;
}
