import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, HOLD_CATALOGUE, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { boolean, bytea, integer, json, text, textArray, timestamptz } from "./sql.ts";

export type ResourceScope = {
  readonly name: string;
  /** The sentence that the consent page shows. */
  readonly description: string;
  /** The names of scopes that this one includes. */
  readonly implies: readonly string[];
  /** Granted to requests that name no scope. */
  readonly isDefault: boolean;
  /** The scopes of each provider that a server needs for it. Left as they are if not given. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  /** Why it needs more there than one would expect. Null if it doesn't. Left as `needs` is. */
  readonly broad?: string | null;
};

export type Resource = {
  readonly id: string;
  readonly uri: string;
  readonly name: string;
  /** How long a connection may last at most. Null for as long as the server allows. */
  readonly maxFamilySeconds: number | null;
  /** How long an access token is good. Null for as long as the configuration says. */
  readonly accessSeconds: number | null;
  readonly scopes: readonly ResourceScope[];
};

/** A resource with its scopes as one JSON value, for statements that read it among other things. From `resources r`. */
export const resourceAsJson = sql`jsonb_build_object('id', r.id, 'uri', r.uri, 'name', r.name,
  'maxFamilySeconds', r.max_family_seconds, 'accessSeconds', r.access_seconds, 'scopes', (
  select coalesce(jsonb_agg(jsonb_build_object(
    'name', s.name, 'description', s.description, 'implies', to_jsonb(s.implies), 'isDefault', s.is_default,
    'needs', s.needs, 'broad', s.broad) order by s.position), '[]')
  from scopes s where s.resource_id = r.id))`;

/** Writes the scopes of the one `resource`, in their order. Leaves unchanged rows alone. */
const writeScopes = (scopes: readonly ResourceScope[]) => sql`
  insert into scopes (resource_id, name, description, implies, is_default, position, needs, broad)
  select resource.resource_id, s.scope ->> 'name', s.scope ->> 'description',
    array(select jsonb_array_elements_text(s.scope -> 'implies')), (s.scope ->> 'isDefault')::boolean, s.position,
    coalesce(s.scope -> 'needs', old.needs, '{}'),
    case when s.scope ? 'broad' then s.scope ->> 'broad' else old.broad end
  from resource cross join jsonb_array_elements(${json(scopes)}) with ordinality s(scope, position)
    left join scopes old on old.resource_id = resource.resource_id and old.name = s.scope ->> 'name'
  on conflict (resource_id, name) do update set description = excluded.description, implies = excluded.implies,
    is_default = excluded.is_default, position = excluded.position, needs = excluded.needs, broad = excluded.broad
  where (scopes.description, scopes.implies, scopes.is_default, scopes.position, scopes.needs, scopes.broad) is distinct from
    (excluded.description, excluded.implies, excluded.is_default, excluded.position, excluded.needs, excluded.broad)`;

type NewResource = Resource & { readonly isDefault: boolean; readonly credentialDigest: Digest };

/**
 * Adds a resource with its scopes and its first introspection credential. False if the URI is taken, or if the actor
 * may not.
 */
export async function insertResource(db: Database, resource: NewResource, actor: Actor): Promise<boolean> {
  try {
    const rows = await db.batch([
      ...lockUsers(actor),
      HOLD_CATALOGUE,
      sql`update resources set is_default = false
        where is_default and ${boolean(resource.isDefault)} and ${isAuthorized(actor)}`,
      sql`with ${recorded("resource_added", "resource", actor)`
          insert into resources (id, uri, name, is_default, max_family_seconds, access_seconds, created_at)
          select ${text(resource.id)}, ${text(resource.uri)}, ${text(resource.name)}, ${boolean(resource.isDefault)},
            ${integer(resource.maxFamilySeconds)}, ${integer(resource.accessSeconds)}, ${timestamptz(actor.now)}
          where ${isAuthorized(actor)}
          returning ${auditColumns({ resourceId: sql`id` })}`},
        scope as (${writeScopes(resource.scopes)}),
        credential as (
          insert into introspection_credentials (digest, resource_id, slot, created_at)
          select ${bytea(resource.credentialDigest)}, resource_id, 1, ${timestamptz(actor.now)} from resource)
        select resource_id from resource`,
    ]);
    return (rows.at(-1)?.length ?? 0) > 0;
  } catch (error) {
    if (isUniqueViolation(error, "resources_uri_unique")) return false;
    throw error;
  }
}

type ResourceChange = Pick<Resource, "name" | "scopes"> & {
  /** Members that aren't given are left as they are. */
  readonly terms: Partial<Pick<NewResource, "isDefault" | "maxFamilySeconds" | "accessSeconds">>;
};

/** The values of `resources r` that a change may set, in the order of `CHANGED_COLUMNS`. */
const changedValues = ({ name, terms: { isDefault, maxFamilySeconds, accessSeconds } }: ResourceChange): SQL => sql`(
  ${text(name)},
  ${isDefault === undefined ? sql`r.is_default` : boolean(isDefault)},
  ${maxFamilySeconds === undefined ? sql`r.max_family_seconds` : integer(maxFamilySeconds)},
  ${accessSeconds === undefined ? sql`r.access_seconds` : integer(accessSeconds)})`;
const CHANGED_COLUMNS = sql.raw("(name, is_default, max_family_seconds, access_seconds)");

/**
 * Applies a change to a resource. Null if there is none. Values that are already so are left alone, so that repeating
 * the change changes and records nothing. Existing grants stay, but a scope that is removed is no longer offered.
 */
export async function updateResource(
  db: Database,
  which: { readonly id: string } | { readonly uri: string },
  change: ResourceChange,
  actor: Actor,
): Promise<{ readonly id: string; readonly changed: boolean } | null> {
  const { scopes, terms } = change;
  const isIt = "id" in which ? sql`r.id = ${text(which.id)}` : sql`r.uri = ${text(which.uri)}`;
  const rows = await db.batch([
    ...lockUsers(actor),
    HOLD_CATALOGUE,
    sql`select r.id from resources r where (r.is_default or ${isIt}) and ${isAuthorized(actor)} order by r.id for no key update`,
    sql`update resources o set is_default = false
      where o.is_default and ${boolean(terms.isDefault ?? false)} and ${isAuthorized(actor)}
        and exists (select from resources r where ${isIt} and r.id <> o.id)`,
    sql`with resource as (
        select r.id as resource_id from resources r where ${isIt} and ${isAuthorized(actor)} for no key update),
      renamed as (
        update resources r set ${CHANGED_COLUMNS} = ${changedValues(change)} from resource
        where r.id = resource.resource_id
          and (r.name, r.is_default, r.max_family_seconds, r.access_seconds) is distinct from ${changedValues(change)}
        returning r.id),
      gone as (
        delete from scopes s using resource
        where s.resource_id = resource.resource_id and s.name <> all(${textArray(scopes.map((scope) => scope.name))})
        returning s.name),
      scope as (${writeScopes(scopes)} returning name),
      ${recorded("resource_changed", "changed", actor)`
        select ${auditColumns({ resourceId: sql`resource_id` })} from resource
        where exists (select from renamed) or exists (select from gone) or exists (select from scope)`}
      select resource_id as "id", exists (select from changed) as "changed" from resource`,
  ]);
  return (rows.at(-1)?.[0] as { id: string; changed: boolean } | undefined) ?? null;
}

/**
 * Adds a credential in the free slot, or in place of the older of two. Returns the resource's id, or null if there is
 * none.
 */
export async function replaceIntrospectionCredential(
  db: Database,
  uri: string,
  digest: Digest,
  actor: Actor,
): Promise<string | null> {
  // The lock is a statement of its own, so that the second of two at once sees what the first wrote.
  const [, rows] = await db.batch([
    sql`select id from resources where uri = ${text(uri)} and ${isAuthorized(actor)} for no key update`,
    sql`with resource as (select id from resources where uri = ${text(uri)} and ${isAuthorized(actor)}),
    slot as (
      select n from resource, generate_series(1, 2) n
        left join introspection_credentials i on i.slot = n and i.resource_id = (select id from resource)
      order by i.created_at nulls first, n limit 1),
    ${recorded("introspection_credential_rotated", "credential", actor)`
      insert into introspection_credentials (digest, resource_id, slot, created_at)
      select ${bytea(digest)}, id, n, ${timestamptz(actor.now)} from resource, slot
      on conflict (resource_id, slot) do update
        set digest = excluded.digest, created_at = excluded.created_at, last_used_at = null
      returning ${auditColumns({ resourceId: sql`resource_id` })}`}
    select resource_id as id from credential`,
  ]);
  return (rows?.[0] as { id: string } | undefined)?.id ?? null;
}
