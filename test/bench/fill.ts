import { sql } from "drizzle-orm";
import type { Gatehouse } from "./contestants/gatehouse.ts";

/** Each connection has been refreshed this often, so it has one live pair and the spent ones before it. */
const GENERATIONS = 10;

/**
 * Fills a deployment from one number of tokens up to another: a connection, a client, a person and ten audit events for every
 * ten access and ten refresh tokens, a server for every thousand.
 */
export async function fill({ owner: { db }, userId, clientId }: Gatehouse, from: number, to: number): Promise<void> {
  const connections = sql`generate_series(${from / GENERATIONS}::int + 1, ${to / GENERATIONS}::int) n`;
  const clientOf = sql`'filled_' || n`;
  const familyOf = sql`md5('family' || n)::uuid`;
  await db.run(sql`
    insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods, fingerprint,
      created_at)
    select ${clientOf}, 'dynamic', 'App ' || n, '{https://a.example/cb}', '{authorization_code,refresh_token}', 'web', '{none}', '\\x00',
      now() - n * interval '1 second' from ${connections}`);
  await db.run(
    sql`insert into users (email, role) select 'person' || n || '@example.com', 'member' from ${connections}`,
  );
  await db.run(sql`
    insert into resources (id, uri, name) select 'r' || n, 'https://' || n || '.example/mcp', 'Server ' || n from ${connections}
    where n % 100 = 0`);
  // Half of all connections are of the one client that is measured, and fifty of the one person who looks at them.
  await db.run(sql`
    insert into token_families (id, user_id, client_id, resource_id, scopes, authentication_method, created_at, expires_at)
    select ${familyOf}, case when n <= 50 then ${userId}::uuid else (select id from users where email = 'person' || n || '@example.com') end,
      case when n % 2 = 0 then ${clientId}::text else ${clientOf} end, (select id from resources where is_default), '{mcp:tools}', 'none',
      now() - n * interval '1 second', now() + interval '300 days' from ${connections}`);
  const tokens = sql`${connections}, generate_series(0, ${GENERATIONS}::int - 1) generation`;
  await db.run(sql`
    insert into access_tokens (digest, family_id, generation, scopes, created_at, expires_at)
    select sha256(('access' || n || '.' || generation)::bytea), ${familyOf}, generation, '{mcp:tools}', now(), now() + interval '1 hour'
    from ${tokens}`);
  await db.run(sql`
    insert into refresh_tokens (digest, family_id, generation, created_at, expires_at, used_at)
    select sha256(('refresh' || n || '.' || generation)::bytea), ${familyOf}, generation, now(), now() + interval '30 days',
      case when generation < ${GENERATIONS}::int - 1 then now() - interval '1 hour' end from ${tokens}`);
  await db.run(sql`
    insert into audit_events (at, name, client_id, family_id)
    select now() - (n * ${GENERATIONS}::int + generation) * interval '1 second',
      (array['signed_in', 'token_refreshed', 'code_redeemed', 'tool_called'])[generation % 4 + 1], ${clientOf}, ${familyOf} from ${tokens}`);
}
