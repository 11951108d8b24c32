import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type AuditContext, auditEach } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { bytes, epoch, instant, json, text, texts } from "./sql.ts";

export type ClientRegistration = "preregistered" | "dynamic" | "metadata_document";

export type NewClient = {
  readonly id: string;
  readonly registration: ClientRegistration;
  readonly name: string;
  readonly clientUri: string | null;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly scope: string | null;
  readonly applicationType: "native" | "web";
  readonly authenticationMethods: readonly string[];
  readonly secretDigest: Digest | null;
  readonly jwks: object | null;
  readonly jwksUri: string | null;
  readonly registrationDigest: Digest | null;
  readonly fingerprint: Digest;
};

export async function insertClient(db: Database, client: NewClient, audit: AuditContext): Promise<void> {
  await db.run(sql`
    with client as (
      insert into clients (id, registration, name, client_uri, redirect_uris, grant_types, scope, application_type,
        authentication_methods, secret_digest, jwks, jwks_uri, registration_digest, fingerprint, created_at)
      values (${text(client.id)}, ${text(client.registration)}, ${text(client.name)}, ${text(client.clientUri)},
        ${texts(client.redirectUris)}, ${texts(client.grantTypes)}, ${text(client.scope)}, ${text(client.applicationType)},
        ${texts(client.authenticationMethods)}, ${bytes(client.secretDigest)}, ${json(client.jwks)}, ${text(client.jwksUri)},
        ${bytes(client.registrationDigest)}, ${bytes(client.fingerprint)}, ${instant(audit.now)})
      returning null::uuid as user_id, id as client_id, null::text as resource_id, null::uuid as family_id),
    audit as (${auditEach("client_registered", sql`client`, audit)})
    select client_id from client`);
}

export type ClientSummary = {
  readonly id: string;
  readonly name: string;
  readonly registration: ClientRegistration;
  readonly redirectUris: string[];
  readonly createdAt: number;
  readonly disabled: boolean;
  readonly liveFamilies: number;
};

/** The newest clients first. */
export const listClients = (db: Database, limit: number, now: Date): Promise<ClientSummary[]> =>
  db.read<ClientSummary>(sql`
    select c.id, c.name, c.registration, c.redirect_uris as "redirectUris", ${epoch(sql`c.created_at`)} as "createdAt",
      c.disabled_at is not null as "disabled",
      (select count(*)::int from token_families f
        where f.client_id = c.id and f.revoked_at is null and f.expires_at > ${instant(now)}) as "liveFamilies"
    from clients c order by c.created_at desc, c.id limit ${limit}::int`);
