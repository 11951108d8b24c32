import { sql } from "drizzle-orm";
import { type AuditContext, auditEach } from "./audit-events.ts";
import { isAuthorized } from "./authority.ts";
import type { Database } from "./database.ts";
import type { Resource } from "./resources.ts";
import { json, text } from "./sql.ts";

export type DeclaredResource = Pick<Resource, "uri" | "name" | "scopes">;

/**
 * Makes a resource's name and scopes what they are declared to be; null if there is no such resource. What is so already
 * is left alone, so that doing it again changes and records nothing. What was granted stays granted: a scope that goes is
 * not offered any more.
 */
export async function updateDeclaredResource(
  db: Database,
  resource: DeclaredResource,
  audit: AuditContext,
): Promise<{ readonly id: string; readonly changed: boolean } | null> {
  const [row] = await db.run<{ id: string; changed: boolean }>(sql`
    with resource as (
      select id from resources where uri = ${text(resource.uri)} and ${isAuthorized(audit)} for no key update),
    declared as (
      select s.scope ->> 'name' as name, s.scope ->> 'description' as description,
        array(select jsonb_array_elements_text(s.scope -> 'implies')) as implies,
        (s.scope ->> 'isDefault')::boolean as is_default, s.position
      from jsonb_array_elements(${json(resource.scopes)}) with ordinality s(scope, position)),
    renamed as (
      update resources r set name = ${text(resource.name)} from resource
      where r.id = resource.id and r.name <> ${text(resource.name)} returning r.id),
    gone as (
      delete from scopes s using resource
      where s.resource_id = resource.id and s.name not in (select name from declared) returning s.name),
    written as (
      insert into scopes (resource_id, name, description, implies, is_default, position)
      select resource.id, declared.* from resource, declared
      on conflict (resource_id, name) do update set description = excluded.description, implies = excluded.implies,
        is_default = excluded.is_default, position = excluded.position
      where (scopes.description, scopes.implies, scopes.is_default, scopes.position)
        is distinct from (excluded.description, excluded.implies, excluded.is_default, excluded.position)
      returning name),
    changed as (
      select null::uuid as user_id, null::text as client_id, id as resource_id, null::uuid as family_id from resource
      where exists (select from renamed) or exists (select from gone) or exists (select from written)),
    audit as (${auditEach("resource_changed", sql`changed`, audit)})
    select id, exists (select from changed) as changed from resource`);
  return row ?? null;
}
