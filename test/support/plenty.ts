import { type SQL, sql } from "drizzle-orm";
import type { Gatehouse } from "./gatehouse.ts";

/** Names as people and programs have them: long, short, right-to-left, and without a place to break. */
export const LONG_NAME = "The Extraordinarily Long Name of a Code Editor for Everybody";
export const RIGHT_TO_LEFT = "محرر الشيفرة البرمجية";
export const LONG_ADDRESS = `${"somebody-with-a-remarkably-long-name".repeat(2)}@department.example.com`;

const NAMES: SQL = sql`(array[${LONG_NAME}, ${RIGHT_TO_LEFT}, 'Notes', 'עורך קוד', 'Claude', 'IDE'])`;

/**
 * Fills a Gatehouse like years of use: 40 apps, 12 servers, 25 people in 12 groups, 12 providers with 100 linked
 * accounts, 12 issuers, 12 rules about apps, 60 registration tokens, and 10,000 events. `email` takes part in all of it.
 */
export async function fillWithPlenty({ owner }: Gatehouse, email: string): Promise<void> {
  const statements = [
    sql`insert into resources (id, uri, name, created_at)
      select 'server' || n, 'https://server-' || n || '.' || repeat('long-', 8) || 'name.example.com/mcp',
        ${NAMES}[1 + n % 6] || ' ' || n, now() - n * interval '9 days' from generate_series(1, 12) n`,
    sql`insert into scopes (resource_id, name, description, implies, position)
      select 'server' || n, name, description, implies, position from generate_series(1, 12) n, (values
        ('weather:read', 'Read the forecast and what was measured', '{}'::text[], 1),
        ('weather:report', 'Report the weather in your name', '{weather:read}', 2),
        ('weather:admin', 'Do everything that you can do yourself, with all stations', '{weather:read,weather:report}', 3)
      ) s(name, description, implies, position)`,
    sql`insert into users (id, email, role, password_hash, created_at, disabled_at)
      select gen_random_uuid(), case when n = 3 then ${LONG_ADDRESS} else 'person' || n || '@example.com' end,
        case when n % 9 = 0 then 'owner' else 'member' end, 'x', now() - n * interval '11 days',
        case when n % 8 = 0 then now() end from generate_series(1, 25) n`,
    sql`insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods,
        fingerprint, approved_fingerprint, disabled_at, created_at)
      select case when n % 5 = 0 then 'https://' || repeat('assistant-', 4) || n || '.example/oauth/client.json'
          else 'client_plenty_' || n end,
        case when n % 5 = 0 then 'metadata_document' else 'dynamic' end, ${NAMES}[1 + n % 6] || ' ' || n,
        array['http://127.0.0.1/callback', 'https://app-' || n || '.example/a/rather/long/path/to/callback'],
        '{authorization_code,refresh_token}', 'web', '{none}', '\\x00', case when n % 4 = 0 then '\\x00'::bytea end,
        case when n % 13 = 0 then now() end, now() - n * interval '5 hours' from generate_series(1, 40) n`,
    sql`insert into token_families (id, user_id, client_id, resource_id, scopes, user_agent, authentication_method, created_at,
        expires_at, revoked_at, revoked_reason)
      select gen_random_uuid(), u.id, c.id, 'server' || (1 + n % 12), '{weather:read,weather:report,weather:admin}',
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/148.0.0.0 Safari/537.36', 'none',
        now() - n * interval '7 hours', now() + (n - 20) * interval '3 days',
        case when n % 7 = 0 then now() - interval '1 hour' end, case when n % 7 = 0 then 'revoked_by_person' end
      from generate_series(1, 90) n
        join lateral (select id from users order by (email = ${email}) desc, email offset (n % 3) * (n % 25) limit 1) u on true
        join lateral (select id from clients where id like '%plenty%' or id like '%assistant-%' order by id offset n % 38 limit 1) c on true`,
    sql`insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, count)
      select now() - n * interval '10 minutes', (array['token_refreshed', 'token_refreshed', 'signed_in', 'authorization_granted',
          'client_authentication_failed', 'family_narrowed', 'tool_called'])[1 + n % 7],
        f.user_id, f.client_id, f.resource_id, case when n <= 2400 and n % 7 <> 2 then f.id end, case when n % 11 = 0 then '2001:db8:1234:5678:9abc:def0:1234:5678' else '203.0.113.7' end,
        1 + n % 14 * (n % 7 / 4 % 2)
      from generate_series(1, 10000) n
        join lateral (select * from token_families where user_id is not null order by id offset n % 80 limit 1) f on true
      order by 1`,
    sql`insert into refused_requests (hour, bucket, endpoint, client_id, known, error, reason, said, user_agent, count, last_at, request_ids)
      select date_trunc('hour', now()) - n * interval '1 hour', sha256(n::text::bytea), 'token', 
        (array['client_plenty_2', 'client_plenty_3', null, repeat('a-name-without-a-place-to-break', 5), 'server2'])[1 + n % 5], true,
        'invalid_grant', (array['verifier', 'token_reused', 'malformed', 'rate_limited', 'bad_credential', 'redirect_uri'])[1 + n % 6],
        'The code is not good for this request, or it was used before. ' || n, 'Claude-User/1.0 ' || repeat('x', 90), n * 37,
        now() - n * interval '1 hour', array(select substr(md5(n::text || k), 1, 8) from generate_series(1, 10) k)
      from generate_series(0, 60) n`,
    sql`insert into sessions (digest, user_id, authentication_method, authenticated_at, last_seen_at, expires_at, user_agent)
      select sha256(('plenty' || n)::bytea), (select id from users where email = ${email}), 'password',
        now() - n * interval '3 hours', now() - n * interval '1 hour', now() + interval '20 days',
        (array['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1',
          'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'])[1 + n % 2] from generate_series(1, 8) n`,
    sql`insert into providers (slug, name, kind, issuer, client_id, description, scopes, signs_in, joining)
      select 'provider' || n, ${NAMES}[1 + n % 6] || ' ' || n, 'oauth2', 'https://provider.example', 'a-client-of-' || repeat('ours-', 12),
        '{}', '[{"name":"read:issues","description":"Read your issues","broad":false}]', n % 2 = 0, '{@department.example.com}'
      from generate_series(1, 12) n`,
    sql`insert into provider_resources (provider, resource_id)
      select 'provider' || n, 'server' || m from generate_series(1, 12) n, generate_series(1, 12) m where (n + m) % 3 = 0`,
    sql`insert into linked_accounts (id, user_id, provider, subject, label, scopes, sealed, wrapped_key, key_version, state, created_at)
      select gen_random_uuid(), u.id, p.slug, u.id::text, case when length(u.email) > 60 then ${LONG_ADDRESS} else 'octocat' end,
        '{read:issues,write:issues}', '', '', '1', case when p.slug = 'provider3' then 'needs_sign_in' else 'good' end,
        now() - interval '40 days'
      from users u, providers p where p.slug in ('provider1', 'provider2', 'provider3', 'provider4') or u.email = ${email}`,
    sql`insert into account_grants (account_id, resource_id, scopes, last_used_at)
      select a.id, pr.resource_id, '{read:issues}', case when pr.resource_id < 'server5' then now() - interval '3 hours' end
      from linked_accounts a join provider_resources pr on pr.provider = a.provider`,
    sql`insert into identities (provider, subject, user_id, label)
      select slug, 'me', (select id from users where email = ${email}), ${LONG_ADDRESS} from providers where slug < 'provider3'`,
    sql`insert into passkeys (id, user_id, name, public_key, signature_counter, transports, backed_up, last_used_at)
      select 'passkey' || n, (select id from users where email = ${email}), ${NAMES}[1 + n % 6], '\\x00', 0, '{}', n % 2 = 0,
        case when n % 3 > 0 then now() - n * interval '2 days' end from generate_series(1, 8) n`,
    sql`insert into initial_access_tokens (digest, label, resource_id, uses_left, expires_at, revoked_at, created_at)
      select sha256(n::text::bytea), ${NAMES}[1 + n % 6] || ' ' || n, case when n % 2 = 0 then 'server' || (1 + n % 12) end,
        case when n % 3 = 0 then n % 4 end, case when n % 4 > 0 then now() + (n - 20) * interval '1 day' end,
        case when n % 9 = 0 then now() end, now() - n * interval '1 day' from generate_series(1, 60) n`,
    sql`insert into groups (name) select ${NAMES}[1 + n % 6] || ' ' || n from generate_series(1, 12) n`,
    sql`insert into group_members (group_id, user_id)
      select g.id, u.id from groups g, users u where g.name like '% 1' or u.email = ${email}`,
    sql`update resources set is_open = false where id = 'server3'`,
    sql`insert into access_rules (resource_id, group_id, scopes)
      select 'server3', id, case when name like 'N%' then '{weather:read}'::text[] end from groups`,
    sql`insert into trusted_issuers (name, issuer, jwks_uri, vouches, tenant, joining)
      select 'issuer-with-quite-a-long-name-' || n, 'https://issuer-' || n || '.' || repeat('long-', 8) || 'name.example.com/tenant',
        'https://issuer.example/keys', n % 2 = 0, case when n % 4 = 0 then gen_random_uuid()::text end,
        case when n % 3 = 0 then '{domain:department.example.com,domain:example.org}'::text[] else '{}' end
      from generate_series(1, 12) n`,
    sql`insert into app_rules (kind, pattern, decision) values ('document', '*', 'ask')`,
    sql`insert into app_rules (kind, pattern, decision)
      select 'redirect', repeat('long-', n) || 'name.example.com', (array['welcome', 'ask', 'refuse'])[1 + n % 3]
      from generate_series(1, 11) n`,
    sql`insert into app_requests (id, user_id, client_id, resource_id, scopes, redirect_host, fingerprint)
      select gen_random_uuid(), u.id, c.id, 'server6', '{weather:read}', 'app.example', c.fingerprint
      from clients c, users u where c.id like 'https:%' and u.email in (${email}, ${LONG_ADDRESS})`,
  ];
  for (const statement of statements) await owner.db.run(statement);
}
