import { createHash } from "node:crypto";
import { inject } from "vitest";
import { connectPostgres } from "../../src/dev/postgres.ts";
import type { Gatehouse } from "./gatehouse.ts";

/** The client that has all families. */
export const LARGEST_CLIENT = "client_1";
export const personOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
export const familyOf = (n: number) => `10000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
/** The digests of its tokens. */
export const accessDigestOf = (n: number) => sha256(`access ${n}`);
export const refreshDigestOf = (n: number, generation: number) => sha256(`refresh ${n} ${generation}`);

const sha256 = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());
const uuid = (prefix: number, n: string) => `('${prefix}0000000-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;

/**
 * Fills a database with families of one client at one resource, each with five tokens, and with as many clients,
 * people, resources, linked accounts and events. A person has ten, and is in ten groups. Nothing is ever analyzed.
 */
export async function fill({ services, resource }: Gatehouse, families: number): Promise<void> {
  const client = connectPostgres(inject("postgres"), new URL(services.databaseUrl).pathname.slice(1));
  await client.connect();
  // Foreign keys and triggers are tested elsewhere.
  await client.query("set session_replication_role = replica");
  const tables = [
    "users",
    "clients",
    "resources",
    "token_families",
    "access_tokens",
    "refresh_tokens",
    "spent_refresh_tokens",
    "recent_refreshes",
    "linked_accounts",
    "groups",
    "group_members",
  ];
  for (const table of [...tables, "account_grants", "audit_events", "audit_days", "sessions"]) {
    await client.query(`alter table ${table} set (autovacuum_enabled = false)`);
  }
  const many = `generate_series(1, ${families}) n`;
  const digest = (kind: string, n = "n") => `sha256(('${kind} ' || ${n})::bytea)`;
  for (const statement of [
    `insert into users (id, email, role, created_at)
      select ${uuid(0, "n")}, 'person' || n || '@example.com', 'member', now() from ${many}`,
    `insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods,
        fingerprint, created_at)
      select 'client_' || n, 'dynamic', 'App ' || n, '{https://a.example/cb}', '{authorization_code,refresh_token}', 'web',
        '{none}', '\\x00', now() - n * interval '1 minute' from ${many}`,
    `insert into resources (id, uri, name) select 'r' || n, 'https://' || n || '.example/mcp', 'Server ' || n from ${many}`,
    `insert into token_families
        (id, user_id, client_id, resource_id, scopes, authentication_method, created_at, expires_at, revoked_at, revoked_reason)
      select ${uuid(1, "n")}, ${uuid(0, "n / 10 + 1")}, 'client_1', '${resource.id}', '{mcp:tools}', 'none',
        now() - n * interval '1 second', now() + interval '1 year',
        case when n % 5 = 0 then now() end, case when n % 5 = 0 then 'revoked_by_person' end from ${many}`,
    `insert into access_tokens (digest, family_id, generation, scopes, created_at, expires_at)
      select ${digest("access")}, ${uuid(1, "n")}, 3, '{mcp:tools}', now(), now() + interval '1 hour' from ${many}`,
    `insert into refresh_tokens (digest, family_id, generation, created_at, expires_at, used_at, sealed_answer)
      select ${digest("refresh", "n || ' ' || g")}, ${uuid(1, "n")}, g, now(), now() + interval '1 month',
        case when g < 3 then now() end, case when g = 2 then 'sealed' end from ${many}, generate_series(0, 3) g`,
    `insert into spent_refresh_tokens (digest, family_id, expires_on)
      select substr(${digest("spent", "n || ' ' || g")}, 1, 16), ${uuid(1, "n")}, current_date + 30 - g from ${many}, generate_series(0, 3) g`,
    `insert into recent_refreshes (family_id, day, network, refreshes, seconds)
      select ${uuid(1, "n")}, current_date - g, '203.0.113.7', 24, array(select h * 3600 from generate_series(0, 23) h)
      from ${many}, generate_series(0, 1) g`,
    `insert into providers (slug, name, kind, issuer, client_id, description, scopes, signs_in)
      values ('github', 'GitHub', 'oauth2', 'https://github.example', 'us', '{}', '[]', false)`,
    `insert into provider_resources (provider, resource_id) values ('github', '${resource.id}')`,
    `update scopes set needs = '{"github": ["read"]}' where resource_id = '${resource.id}' and name = 'mcp:tools'`,
    `insert into linked_accounts (id, user_id, provider, subject, label, scopes, sealed, wrapped_key, key_version)
      select ${uuid(2, "n")}, ${uuid(0, "n")}, 'github', n, 'me', '{read}', '', '', '1' from ${many}`,
    `insert into account_grants (account_id, resource_id, scopes)
      select ${uuid(2, "n")}, '${resource.id}', case when n % 2 = 1 then '{read}'::text[] else '{}' end from ${many}`,
    `insert into groups (id, name) select ${uuid(3, "n")}, 'Group ' || n from generate_series(1, 20000) n`,
    `insert into group_members (group_id, user_id) select ${uuid(3, "n")}, ${uuid(0, "n / 10 + 1")} from generate_series(1, 20000) n`,
    `insert into audit_events (at, name, user_id, client_id, family_id)
      select now() - (${families} - n) * interval '2 seconds',
        (array['token_refreshed', 'signed_in', 'tool_called', 'client_registered'])[n % 4 + 1], ${uuid(0, "n / 10 + 1")}, 'client_1',
        ${uuid(1, "n")} from ${many}`,
    `insert into audit_days select (at at time zone 'UTC')::date, name, 99, count(*), min(id), array_fill(1, array[48]) from audit_events group by 1, 2`,
  ]) {
    await client.query(statement);
  }
  await client.end();
}
