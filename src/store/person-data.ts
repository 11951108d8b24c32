import { sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";

/**
 * Everything that is stored about a person, for their own use (GDPR, articles 15 and 20), or null. Secrets that prove
 * who they are are left out: they are of no use to the person, and a file is easily lost.
 */
export async function findPersonData(db: Database, email: string, actor: Actor): Promise<object | null> {
  const [row] = await db.list<{ data: object }>(sql`
    select jsonb_build_object(
      'account', jsonb_build_object('id', u.id, 'email', u.email, 'role', u.role, 'createdAt', u.created_at,
        'disabledAt', u.disabled_at, 'hasPassword', u.password_hash is not null, 'passwordChangedAt', u.password_changed_at),
      'passkeys', (select coalesce(jsonb_agg(jsonb_build_object('name', p.name, 'createdAt', p.created_at,
        'lastUsedAt', p.last_used_at) order by p.created_at), '[]') from passkeys p where p.user_id = u.id),
      'sessions', (select coalesce(jsonb_agg(jsonb_build_object('method', s.authentication_method, 'createdAt', s.created_at,
        'lastSeenAt', s.last_seen_at, 'userAgent', s.user_agent) order by s.created_at), '[]')
        from sessions s where s.user_id = u.id),
      'connections', (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'app', c.name,
        'server', r.uri, 'scopes', f.scopes, 'createdAt', f.created_at, 'expiresAt', f.expires_at, 'revokedAt', f.revoked_at,
        'revokedReason', f.revoked_reason, 'userAgent', f.user_agent) order by f.created_at), '[]')
        from token_families f join clients c on c.id = f.client_id join resources r on r.id = f.resource_id
        where f.user_id = u.id),
      'identities', (select coalesce(jsonb_agg(jsonb_build_object('provider', i.provider, 'subject', i.subject)), '[]')
        from identities i where i.user_id = u.id),
      'linkedAccounts', (select coalesce(jsonb_agg(jsonb_build_object('provider', a.provider, 'subject', a.subject,
        'label', a.label, 'scopes', a.scopes, 'createdAt', a.created_at, 'lastUsedAt', a.last_used_at)), '[]')
        from linked_accounts a where a.user_id = u.id),
      'refreshes', (select coalesce(jsonb_agg(jsonb_build_object('connection', f.id, 'day', r.day, 'network', r.network,
        'count', r.refreshes, 'seconds', r.seconds) order by r.day), '[]')
        from token_families f cross join lateral (
          select day, network, refreshes, null::int[] as seconds from refresh_days where family_id = f.id
          union all select day, network, refreshes, seconds from recent_refreshes where family_id = f.id) r
        where f.user_id = u.id),
      'events', (select coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'name', e.name, 'app', e.client_id,
        'server', e.resource_id, 'address', e.address, 'count', e.count, 'details', e.details) order by e.id), '[]')
        from audit_events e where e.user_id = u.id)) as data
    from users u where u.email = ${text(email)} and ${isAuthorized(actor)}`);
  return row?.data ?? null;
}
