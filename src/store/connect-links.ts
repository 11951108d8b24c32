import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, authorizedUser, isLiveSession, type SessionKey } from "./actor.ts";
import { auditColumns, auditEach } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { bytea, json, plus, text, textArray, timestamptz } from "./sql.ts";

export const CONNECT_SECONDS = 600;

type ConnectDetour = {
  readonly digest: Digest;
  readonly session: SessionKey;
  readonly clientId: string;
  readonly resourceId: string;
  readonly needs: readonly { readonly provider: string; readonly scopes: readonly string[] }[];
  /** Providers at which the person doesn't want to link an account now. */
  readonly skipped: readonly string[];
  /** The consent that waits, sealed. Null for a device, which goes on polling by itself. */
  readonly pending: string | null;
};

/**
 * The CTE `allowed`, for rows of account_id, resource_id and scopes. It lets a server use an account with these scopes
 * and those it already has.
 */
export const allowUse = (rows: SQL, actor: Actor): SQL => sql`
  allowed as (
    insert into account_grants (account_id, resource_id, scopes, created_at)
    select account_id, resource_id, scopes, ${timestamptz(actor.now)} from ${rows} order by account_id
    on conflict (account_id, resource_id) do update
      set scopes = array(select distinct unnest(account_grants.scopes || excluded.scopes) order by 1)
      where not excluded.scopes <@ account_grants.scopes
    returning account_id, resource_id),
  allowed_audit as (${auditEach(
    "account_use_allowed",
    sql`(select ${auditColumns({ userId: sql`${rows}.user_id`, resourceId: sql`allowed.resource_id` })}
      from allowed join ${rows} on ${rows}.account_id = allowed.account_id) a`,
    actor,
  )})`;

/**
 * Lets the resource use the existing accounts that have what it needs, as the person just allowed. For the first
 * account that is missing or has too few scopes, it makes a link that asks for it. Returns that account's provider, or
 * null if nothing is missing.
 */
export async function insertConnectDetour(db: Database, detour: ConnectDetour, actor: Actor): Promise<string | null> {
  const { now } = actor;
  const [row] = await db.run<{ provider: string }>(sql`
    with person as (
      select u.id from sessions s join users u on u.id = s.user_id where ${isLiveSession(detour.session, now)} for share of u),
    parties as (
      select c.id as client_id, r.id as resource_id from person, clients c, resources r
      where c.id = ${text(detour.clientId)} and r.id = ${text(detour.resourceId)} for key share of c, r),
    allowing as (
      select p.slug from parties join provider_resources a on a.resource_id = parties.resource_id
        join providers p on p.slug = a.provider
      where p.slug = any(${textArray(detour.needs.map(({ provider }) => provider))}) order by p.slug for key share of p),
    need as (
      select n.need ->> 'provider' as provider, n.position,
        array(select jsonb_array_elements_text(n.need -> 'scopes')) as scopes
      from jsonb_array_elements(${json(detour.needs)}) with ordinality n(need, position)
      where n.need ->> 'provider' in (select slug from allowing)),
    covered as (
      select l.id as account_id, l.user_id, ${text(detour.resourceId)} as resource_id, need.scopes, need.provider
      from person join linked_accounts l on l.user_id = person.id join need on need.provider = l.provider
      where l.state = 'good' and need.scopes <@ l.scopes
      for key share of l),
    ${allowUse(sql`covered`, actor)},
    missing as (
      select need.* from need
      where need.provider <> all(${textArray(detour.skipped)}) and need.provider not in (select provider from covered)
      order by position limit 1),
    request as (
      insert into connect_requests (digest, user_id, client_id, resource_id, provider, scopes, pending, created_at, expires_at)
      select ${bytea(detour.digest)}, person.id, ${text(detour.clientId)}, ${text(detour.resourceId)}, missing.provider,
        missing.scopes, ${text(detour.pending)}, ${timestamptz(now)}, ${plus(now, CONNECT_SECONDS)}
      from person, missing
      returning provider)
    select provider from request`);
  return row?.provider ?? null;
}

/** A link as its page shows it. */
export type ConnectLink = {
  readonly userId: string;
  readonly client: { readonly id: string; readonly name: string };
  readonly resource: { readonly name: string; readonly uri: string };
  readonly provider: {
    readonly slug: string;
    readonly name: string;
    readonly scopes: readonly { readonly name: string; readonly description: string; readonly broad: boolean }[];
  };
  readonly scopes: readonly string[];
  /** Why the server needs more than one would expect. */
  readonly reasons: readonly string[];
  readonly pending: string | null;
  readonly account: { readonly id: string; readonly label: string; readonly scopes: readonly string[] } | null;
};

/** A link that can still be used, or null, whoever opens it. */
export async function findConnectLink(db: Database, digest: Digest, now: Date): Promise<ConnectLink | null> {
  const [row] = await db.read<ConnectLink>(sql`
    select q.user_id as "userId", jsonb_build_object('id', c.id, 'name', c.name) as "client",
      jsonb_build_object('name', r.name, 'uri', r.uri) as "resource",
      jsonb_build_object('slug', p.slug, 'name', p.name, 'scopes', p.scopes) as "provider", q.scopes, q.pending,
      array(select s.broad from scopes s where s.resource_id = r.id and s.broad is not null and s.needs ? p.slug
        and array(select jsonb_array_elements_text(s.needs -> p.slug)) <@ q.scopes) as "reasons",
      (select jsonb_build_object('id', l.id, 'label', l.label, 'scopes', to_jsonb(l.scopes))
        from linked_accounts l where l.user_id = q.user_id and l.provider = q.provider) as "account"
    from connect_requests q join clients c on c.id = q.client_id join resources r on r.id = q.resource_id
      join providers p on p.slug = q.provider
    where q.digest = ${bytea(digest)} and q.used_at is null and q.expires_at > ${timestamptz(now)}`);
  return row ?? null;
}

/**
 * Lets the resource of a link use the existing account if the provider needn't be asked for anything. With `skip`,
 * skips the link instead. False if the link isn't the person's or was used, or if the account has too few scopes.
 */
export async function consumeConnectLink(
  db: Database,
  digest: Digest,
  { skip }: { readonly skip: boolean },
  actor: Actor,
): Promise<boolean> {
  const isOpen = sql`q.digest = ${bytea(digest)} and q.user_id = ${authorizedUser(actor)} and q.used_at is null
    and q.expires_at > ${timestamptz(actor.now)}`;
  const rows = await db.run(
    skip
      ? sql`update connect_requests q set used_at = ${timestamptz(actor.now)} where ${isOpen} returning true`
      : sql`
        with person as (select id from users where id = ${authorizedUser(actor)} for share),
        resource as (
          select r.id from person join connect_requests q on q.user_id = person.id join resources r on r.id = q.resource_id
          where q.digest = ${bytea(digest)} for key share of r),
        covered as (
          select l.id as account_id, l.user_id, q.resource_id, q.scopes
          from resource join connect_requests q on q.resource_id = resource.id
            join linked_accounts l on l.user_id = q.user_id and l.provider = q.provider
          where ${isOpen} and l.state = 'good' and q.scopes <@ l.scopes
          for key share of l for update of q),
        used as (
          update connect_requests q set used_at = ${timestamptz(actor.now)} from covered where q.digest = ${bytea(digest)}),
        ${allowUse(sql`covered`, actor)}
        select true from covered`,
  );
  return rows.length > 0;
}
