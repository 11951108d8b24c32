import type { Child } from "./child.ts";
import type { Gatehouse } from "./contestants/gatehouse.ts";
import type { StandIns } from "./stand-ins/process.ts";

/** How often each connection has been refreshed. It has one live pair and the spent ones before it. */
const GENERATIONS = 10;

/**
 * Fills a deployment from one number of tokens up to another: a connection, a client, a person and ten audit events for every
 * ten access and ten refresh tokens, a server for every thousand.
 */
export async function fill(
  standIns: Child<StandIns>,
  { userId, clientId }: Gatehouse,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const run = (statement: string) => standIns.ask("run", statement);
  const connections = `generate_series(${from / GENERATIONS} + 1, ${to / GENERATIONS}) n`;
  const clientOf = `'filled_' || n`;
  const familyOf = `md5('family' || n)::uuid`;
  await run(`
    insert into clients (id, registration, name, redirect_uris, grant_types, application_type, authentication_methods, fingerprint,
      created_at)
    select ${clientOf}, 'dynamic', 'App ' || n, '{https://a.example/cb}', '{authorization_code,refresh_token}', 'web', '{none}', '\\x00',
      now() - n * interval '1 second' from ${connections}`);
  await run(`insert into users (email, role) select 'person' || n || '@example.com', 'member' from ${connections}`);
  await run(`
    insert into resources (id, uri, name) select 'r' || n, 'https://' || n || '.example/mcp', 'Server ' || n from ${connections}
    where n % 100 = 0`);
  // Half of all connections belong to the one client that is measured, and fifty to the one person who looks at them.
  await run(`
    insert into token_families (id, user_id, client_id, resource_id, scopes, authentication_method, created_at, expires_at)
    select ${familyOf}, case when n <= 50 then '${userId}'::uuid else (select id from users where email = 'person' || n || '@example.com') end,
      case when n % 2 = 0 then '${clientId}' else ${clientOf} end, (select id from resources where is_default), '{mcp:tools}', 'none',
      now() - n * interval '1 second', now() + interval '300 days' from ${connections}`);
  const tokens = `${connections}, generate_series(0, ${GENERATIONS} - 1) generation`;
  await run(`
    insert into access_tokens (digest, family_id, generation, scopes, created_at, expires_at)
    select sha256(('access' || n || '.' || generation)::bytea), ${familyOf}, generation, '{mcp:tools}', now(), now() + interval '1 hour'
    from ${tokens}`);
  await run(`
    insert into refresh_tokens (digest, family_id, generation, created_at, expires_at, used_at)
    select sha256(('refresh' || n || '.' || generation)::bytea), ${familyOf}, generation, now(), now() + interval '30 days',
      case when generation < ${GENERATIONS} - 1 then now() - interval '1 hour' end from ${tokens}
    where generation >= ${GENERATIONS} - 2`);
  await run(`
    insert into spent_refresh_tokens (digest, family_id, expires_on)
    select substr(sha256(('refresh' || n || '.' || generation)::bytea), 1, 16), ${familyOf}, current_date + 30 from ${tokens}
    where generation < ${GENERATIONS} - 2`);
  await run(`
    insert into recent_refreshes (family_id, day, network, refreshes, seconds)
    select ${familyOf}, current_date - generation, '203.0.113.7', 1, array[n % 86400] from ${tokens} where generation < 7`);
  // The same two weeks at every size, since the overview reads the days that have events.
  await run(`
    insert into audit_events (at, name, client_id, family_id)
    select now() - interval '13 days' * (${to / GENERATIONS} - n) / ${(to - from) / GENERATIONS},
      (array['signed_in', 'token_refreshed', 'code_redeemed', 'tool_called'])[generation % 4 + 1], ${clientOf}, ${familyOf} from ${tokens}`);
}
