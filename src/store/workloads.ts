import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, isAuthorized } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { bytea, json, text, timestamptz } from "./sql.ts";

/** A machine whose token its issuer signs. It has no secret, and no other way to authenticate. */
type NewWorkload = {
  readonly clientId: string;
  readonly name: string;
  readonly fingerprint: Digest;
  readonly issuer: string;
  readonly resourceUri: string;
  /** Separated by spaces. The resource offers each of them. */
  readonly scope: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, string>>;
};

/**
 * Adds a machine with the rule that says which program it is. False if its issuer, resource or a scope doesn't exist,
 * or if the actor may not.
 */
export async function insertWorkload(db: Database, workload: NewWorkload, actor: Actor): Promise<boolean> {
  const rows = await db.run(sql`
    with trusted as (select id from trusted_issuers where name = ${text(workload.issuer)} for key share),
    resource as (
      select r.id from trusted, resources r where r.uri = ${text(workload.resourceUri)} for key share of r),
    ${recorded("client_registered", "client", actor)`
      insert into clients (id, registration, name, redirect_uris, grant_types, scope, application_type, authentication_methods,
        fingerprint, approved_fingerprint, resource_id, created_at)
      select ${text(workload.clientId)}, 'preregistered', ${text(workload.name)}, '{}',
        '{urn:ietf:params:oauth:grant-type:jwt-bearer}', ${text(workload.scope)}, 'web', '{}', ${bytea(workload.fingerprint)},
        ${bytea(workload.fingerprint)}, resource.id, ${timestamptz(actor.now)}
      from resource
      where ${isAuthorized(actor)} and not exists (
        select from unnest(string_to_array(${text(workload.scope)}, ' ')) n(name)
        where not exists (select from scopes s where s.name = n.name and s.resource_id = resource.id))
      returning ${auditColumns({ clientId: sql`id`, resourceId: sql`resource_id` })}`},
    rule as (
      insert into workload_rules (client_id, issuer_id, audience, claims, created_at)
      select client.client_id, trusted.id, ${text(workload.audience)}, ${json(workload.claims)}, ${timestamptz(actor.now)}
      from client, trusted returning client_id)
    select client_id from rule`);
  return rows.length > 0;
}

export type ListedWorkload = {
  readonly clientId: string;
  readonly name: string;
  readonly issuer: string;
  readonly server: string;
  readonly resourceUri: string;
  readonly scope: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly isBlocked: boolean;
};

/** All programs that rules admit, by issuer and name. */
export const listWorkloads = (db: Database, actor: Actor): Promise<ListedWorkload[]> =>
  db.list<ListedWorkload>(sql`
    select c.id as "clientId", c.name, t.name as "issuer", r.name as "server", r.uri as "resourceUri", c.scope, w.audience, w.claims,
      c.disabled_at is not null as "isBlocked"
    from workload_rules w join trusted_issuers t on t.id = w.issuer_id join clients c on c.id = w.client_id
      join resources r on r.id = c.resource_id
    where ${isAuthorized(actor)} order by t.name, c.name, c.id limit 500`);
