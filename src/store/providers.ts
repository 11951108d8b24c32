import { type SQL, sql } from "drizzle-orm";
import type { Sealed } from "../lib/vault.ts";
import { type Actor, HOLD_CATALOGUE, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { accountAsJson, type LinkedAccount } from "./linked-accounts.ts";
import { endLostAccess } from "./lost-access.ts";
import { boolean, integer, json, text, textArray, timestamptz } from "./sql.ts";

/** A provider as its row has it. The flows read what `description` and `scopes` hold. */
export type StoredProvider = {
  readonly slug: string;
  readonly name: string;
  readonly kind: "openid" | "oauth2";
  readonly issuer: string;
  readonly clientId: string;
  /** Null for a public client. */
  readonly secret: Sealed | null;
  readonly description: unknown;
  readonly scopes: unknown;
  readonly signsIn: boolean;
  readonly joining: readonly string[];
};

/** A provider as one JSON value, from `providers p`. */
export const providerAsJson: SQL = sql`jsonb_build_object('slug', p.slug, 'name', p.name, 'kind', p.kind, 'issuer', p.issuer,
  'clientId', p.client_id, 'description', p.description, 'scopes', p.scopes, 'signsIn', p.signs_in,
  'joining', to_jsonb(p.joining), 'secret', case when p.sealed is not null then jsonb_build_object(
    'sealed', p.sealed, 'wrappedKey', p.wrapped_key, 'keyVersion', p.key_version) end)`;

/** What the audit log keeps of a provider, so that its name outlives it. */
const namedProvider = sql`jsonb_build_object('provider', slug)`;

/**
 * Adds a provider, with the MCP servers that may use accounts there. False if the slug is taken, or if the actor may
 * not.
 */
export async function insertProvider(
  db: Database,
  provider: StoredProvider,
  resourceUris: readonly string[],
  actor: Actor,
): Promise<boolean> {
  const { secret } = provider;
  try {
    const rows = await db.run(sql`
      with named as (
        select id from resources where uri = any(${textArray(resourceUris)}) order by id for key share),
      ${recorded("provider_added", "provider", actor, namedProvider)`
        insert into providers (slug, name, kind, issuer, client_id, sealed, wrapped_key, key_version, description, scopes,
          signs_in, joining, created_at)
        select ${text(provider.slug)}, ${text(provider.name)}, ${text(provider.kind)}, ${text(provider.issuer)},
          ${text(provider.clientId)}, ${text(secret?.sealed ?? null)}, ${text(secret?.wrappedKey ?? null)},
          ${text(secret?.keyVersion ?? null)}, ${json(provider.description)}, ${json(provider.scopes)},
          ${boolean(provider.signsIn)}, ${textArray(provider.joining)}, ${timestamptz(actor.now)}
        where ${isAuthorized(actor)}
        returning slug, ${auditColumns({})}`},
      allowed as (
        insert into provider_resources (provider, resource_id)
        select provider.slug, r.id from provider, named r)
      select slug from provider`);
    return rows.length > 0;
  } catch (error) {
    if (isUniqueViolation(error, "providers_pkey")) return false;
    throw error;
  }
}

/** Stores what a provider says about itself now. */
export async function updateProviderDescription(db: Database, slug: string, description: unknown, actor: Actor) {
  await db.run(sql`
    with ${recorded("provider_changed", "provider", actor, namedProvider)`
      update providers set description = ${json(description)}
      where slug = ${text(slug)} and description <> ${json(description)} and ${isAuthorized(actor)}
      returning slug, ${auditColumns({})}`}
    select true from provider`);
}

/** Lets an MCP server use accounts at a provider, or stops it. False if either doesn't exist. */
export async function updateProviderResource(
  db: Database,
  slug: string,
  resourceUri: string,
  { allowed }: { readonly allowed: boolean },
  actor: Actor,
): Promise<boolean> {
  const rows = await db.run(sql`
    with pair as (
      select p.slug, r.id from providers p, resources r
      where p.slug = ${text(slug)} and r.uri = ${text(resourceUri)} and ${isAuthorized(actor)}
      for key share of r, p),
    ${recorded("provider_changed", "changed", actor, namedProvider)`
      ${
        allowed
          ? sql`insert into provider_resources (provider, resource_id) select slug, id from pair
              on conflict do nothing returning provider as slug, ${auditColumns({ resourceId: sql`resource_id` })}`
          : sql`delete from provider_resources a using pair
              where a.provider = pair.slug and a.resource_id = pair.id
              returning a.provider as slug, ${auditColumns({ resourceId: sql`a.resource_id` })}`
      }`}
    select slug from pair`);
  return rows.length > 0;
}

/** A deleted provider, with the accounts that were linked there. */
export type DeletedProvider = {
  readonly provider: StoredProvider;
  /** How many accounts were linked there. */
  readonly accounts: number;
  /** Some of them with their sealed tokens, one last time, so that the provider can end them. */
  readonly toEnd: readonly LinkedAccount[];
};

/** Deletes a provider with all its identities and accounts. Null if there is none. */
export async function deleteProvider(
  db: Database,
  slug: string,
  { toEnd }: { readonly toEnd: number },
  actor: Actor,
): Promise<DeletedProvider | null> {
  const rows = await db.batch([
    ...lockUsers(actor),
    HOLD_CATALOGUE,
    sql`select slug from providers where slug = ${text(slug)} and ${isAuthorized(actor)} for update`,
    // Its groups have no members without it.
    sql`delete from groups where provider = ${text(slug)} and ${isAuthorized(actor)}`,
    ...endLostAccess(
      sql`f.resource_id in (select id from resources where not is_open) and ${isAuthorized(actor)}`,
      actor,
    ),
    // Deleted by the cascade, they would go after the links that ask for them, against the lock order.
    sql`with account as (
        delete from linked_accounts where provider = ${text(slug)} and ${isAuthorized(actor)} returning *)
      select (select count(*)::int from account) as "accounts",
        (select coalesce(jsonb_agg(${accountAsJson}), '[]') from (select * from account limit ${integer(toEnd)}) l) as "toEnd"`,
    sql`with ${recorded("provider_removed", "provider", actor, namedProvider)`
        delete from providers p where slug = ${text(slug)} and ${isAuthorized(actor)}
        returning slug, ${auditColumns({})}, ${providerAsJson} as deleted`}
      select deleted as "provider" from provider`,
  ]);
  const [[ended], [deleted]] = rows.slice(-2) as [
    [Omit<DeletedProvider, "provider">],
    [Pick<DeletedProvider, "provider">?],
  ];
  return deleted ? { ...ended, ...deleted } : null;
}

export async function findProvider(db: Database, slug: string): Promise<StoredProvider | null> {
  const [row] = await db.read<{ provider: StoredProvider }>(sql`
    select ${providerAsJson} as "provider" from providers p where p.slug = ${text(slug)}`);
  return row?.provider ?? null;
}

export type ListedProvider = StoredProvider & {
  /** The URIs of the MCP servers that may use accounts there. */
  readonly resources: readonly string[];
  readonly identities: number;
  readonly accounts: number;
  /** How many people have no password, no passkey and no identity elsewhere. */
  readonly onlyWayIn: number;
};

/** All providers. An owner adds only a handful. */
export const listProviders = async (db: Database, actor: Actor): Promise<ListedProvider[]> =>
  (
    await db.read<{ provider: ListedProvider }>(sql`
      select ${providerAsJson} || jsonb_build_object(
        'resources', (select coalesce(jsonb_agg(r.uri order by r.uri), '[]') from provider_resources a
          join resources r on r.id = a.resource_id where a.provider = p.slug),
        'onlyWayIn', (select count(distinct u.id) from identities i join users u on u.id = i.user_id
          where i.provider = p.slug and p.signs_in and u.password_hash is null
            and not exists (select from passkeys k where k.user_id = u.id)
            and not exists (select from identities o join providers v on v.slug = o.provider
              where o.user_id = u.id and o.provider <> p.slug and v.signs_in)),
        'identities', (select count(*) from identities i where i.provider = p.slug),
        'accounts', (select count(*) from linked_accounts l where l.provider = p.slug)) as "provider"
      from providers p where ${isAuthorized(actor)} order by p.slug limit 100`)
  ).map(({ provider }) => provider);

/** An MCP server as a provider's page shows it. */
export type ProviderServer = { readonly uri: string; readonly name: string; readonly allowed: boolean };

/** The MCP servers, with whether each may use accounts at a provider. */
export const listProviderServers = (db: Database, slug: string, actor: Actor): Promise<ProviderServer[]> =>
  db.read<ProviderServer>(sql`
    select r.uri, r.name, a.provider is not null as "allowed"
    from resources r left join provider_resources a on a.resource_id = r.id and a.provider = ${text(slug)}
    where ${isAuthorized(actor)} order by a.provider is null, r.name, r.id limit 200`);

export type SignInButton = {
  readonly slug: string;
  readonly name: string;
  /** Whether people can accept an invitation there. */
  readonly admitsInvited: boolean;
};

/** The providers that people can sign in with. */
export const listSignInProviders = (db: Database): Promise<SignInButton[]> =>
  db.read<SignInButton>(sql`
    select slug, name, 'invited' = any(joining) as "admitsInvited"
    from providers where signs_in order by created_at, slug limit 20`);
