import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { hostsOfUris } from "../lib/uri-host.ts";
import { type Actor, isAuthorized } from "./actor.ts";
import { eventsSince } from "./audit-days.ts";
import { auditColumns, auditEach, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { boolean, bytea, integer, json, milliseconds, minus, text, textArray, timestamptz } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

export type ClientRegistration = "preregistered" | "dynamic" | "metadata_document";

/** The part of a client that comes from its metadata. It is always written as a whole. */
export type ClientRecord = {
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
  /** Whether it gets tokens only with a proof of a key (RFC 9449 §5.2). */
  readonly dpopBound?: boolean;
  readonly fingerprint: Digest;
};

const RECORD_COLUMNS = sql`name, client_uri, redirect_uris, redirect_hosts, grant_types, scope, application_type, authentication_methods,
  secret_digest, jwks, jwks_uri, dpop_bound, fingerprint`;

const recordValues = (client: ClientRecord): SQL => sql`${text(client.name)}, ${text(client.clientUri)},
  ${textArray(client.redirectUris)}, ${textArray(hostsOfUris(client.redirectUris))}, ${textArray(client.grantTypes)}, ${knownScopes(client.scope)}, ${text(client.applicationType)},
  ${textArray(client.authenticationMethods)}, ${bytea(client.secretDigest)}, ${json(client.jwks)}, ${text(client.jwksUri)},
  ${boolean(client.dpopBound ?? false)}, ${bytea(client.fingerprint)}`;

/** Of the scopes that a client names, those that some resource offers. The registration's answer lists them. */
const knownScopes = (scope: string | null): SQL => sql`(
  select string_agg(n.name, ' ' order by n.position)
  from unnest(string_to_array(${text(scope)}, ' ')) with ordinality n(name, position)
  where n.name = 'offline_access' or exists (select from scopes s where s.name = n.name))`;

/** What the audit log needs about a client, for the RETURNING of a CTE. */
const AUDITED = auditColumns({ clientId: sql`id` });

/**
 * When the metadata document of `clients c` was fetched, and until when it is fresh. Null for other clients. One JSON
 * value, for statements that read it among other things.
 */
export const documentAsJson = sql`case when c.document_fetched_at is not null then jsonb_build_object(
  'fetchedAt', ${milliseconds(sql`c.document_fetched_at`)}, 'freshUntil', ${milliseconds(sql`c.document_fresh_until`)}) end`;

/**
 * Who may register: anybody, the owner, or the holder of an initial access token, which the registration uses once. The
 * last two may bind the client to a resource.
 */
export type Admission =
  | "open"
  | "owner"
  | { readonly ownerForResource: string }
  | { readonly initialAccessDigest: Digest };

function admissionOf(admission: Admission, { redirectUris }: ClientRecord, actor: Actor, hasRoom = sql`true`): SQL {
  const judged = sql`judge_app_1('dynamic', null, false, false, ${textArray(hostsOfUris(redirectUris))}, null)`;
  if (admission === "open") return sql`select null::text as resource_id where ${judged} <> 'refuse'`;
  if (admission === "owner") return sql`select null::text as resource_id where ${isAuthorized(actor)}`;
  if ("ownerForResource" in admission) {
    return sql`select id as resource_id from resources
      where uri = ${text(admission.ownerForResource)} and ${isAuthorized(actor)} for key share`;
  }
  const digest = bytea(admission.initialAccessDigest);
  return sql`
    with resource as (
      select id from resources where id = (select resource_id from initial_access_tokens where digest = ${digest}) for key share)
    update initial_access_tokens set uses_left = uses_left - 1
    where digest = ${digest} and revoked_at is null
      and coalesce(expires_at, 'infinity') > ${timestamptz(actor.now)} and coalesce(uses_left, 1) > 0
      and (resource_id is null or exists (select from resource)) and ${hasRoom}
    returning resource_id`;
}

type ClientToInsert = ClientRecord & {
  readonly id: string;
  readonly registration: "preregistered" | "dynamic";
  readonly registrationDigest: Digest | null;
  readonly approved: boolean;
};

/** A younger client isn't pushed out, because its person may be signing in. */
const MIN_UNUSED_AGE_SECONDS = 60 * 60;

/** How many registrations and changes an hour are allowed, for each unused client that there may be. */
const TURNOVER = 10;

/**
 * Whether an event happened less often than that in the last hour. Somebody who registers, changes and deletes clients
 * from many addresses leaves no clients behind, but rows in the audit log, so the total is limited too.
 */
const isRare = (name: "client_changed" | "client_registered", maxUnused: number, now: Date): SQL =>
  sql`${eventsSince(name, new Date(now.getTime() - 60 * 60 * 1000))} < ${integer(TURNOVER)}::bigint * ${integer(maxUnused)}`;

/** Makes registrations wait for each other, so that parallel ones don't each take the last place. */
const ONE_AT_A_TIME = sql`select pg_advisory_xact_lock(1919248243)`;

/**
 * Adds a client that registers itself, if it is admitted and there is room among the unused clients. The oldest unused
 * client makes room, unless a transaction has locked it or somebody has consented to it. Using a client deletes its row
 * in `unused_clients` and locks the client, so locking both rows proves that nobody is using it.
 */
export async function insertRegisteredClient(
  db: Database,
  client: ClientToInsert,
  admission: Admission,
  maxUnused: number,
  actor: Actor,
): Promise<StoredClient | "full" | null> {
  const statement = sql`
    with place as (
      select count(*) < ${integer(maxUnused)} as is_free from (select from unused_clients limit ${integer(maxUnused)}) u),
    oldest as (
      select c.id from unused_clients u join clients c on c.id = u.client_id
      where not (select is_free from place) and u.created_at < ${minus(actor.now, MIN_UNUSED_AGE_SECONDS)}
        and c.disabled_at is null and c.approved_fingerprint is null
        and not exists (select from authorization_codes a where a.client_id = c.id)
        and not exists (select from app_requests q where q.client_id = c.id)
      order by u.created_at limit 1 for update of c, u skip locked),
    gone as (delete from clients c using oldest where c.id = oldest.id),
    room as (
      select (is_free or exists (select from oldest)) and ${isRare("client_registered", maxUnused, actor.now)} as is_there
      from place),
    admission as (${admissionOf(admission, client, actor, sql`(select is_there from room)`)}),
    ${recorded("client_registered", "client", actor)`${insertFrom(client, admission, sql`admission where (select is_there from room)`, actor)}`},
    unused as (insert into unused_clients (client_id, created_at) select client_id, ${timestamptz(actor.now)} from client)
    select is_there as "isThere", client_id as "clientId", scope from room left join client on true`;
  const [, rows] = await db.batch([ONE_AT_A_TIME, statement]);
  const [row] = (rows ?? []) as { isThere: boolean; clientId: string | null; scope: string | null }[];
  if (!row?.isThere) return "full";
  return row.clientId === null ? null : { scope: row.scope };
}

const insertFrom = (client: ClientToInsert, by: Admission, admission: SQL, actor: Actor): SQL => sql`
  insert into clients (id, registration, registration_digest, approved_fingerprint, created_at, invited, resource_id, ${RECORD_COLUMNS})
  select ${text(client.id)}, ${text(client.registration)}, ${bytea(client.registrationDigest)},
    ${bytea(client.approved ? client.fingerprint : null)}, ${timestamptz(actor.now)},
    ${boolean(typeof by === "object" && "initialAccessDigest" in by)}, resource_id, ${recordValues(client)}
  from ${admission}
  returning ${AUDITED}, scope`;

/** What was stored of a registration. */
type StoredClient = { readonly scope: string | null };

/** Adds a client. Null if it is not admitted. The owner's own clients may only name scopes that are offered. */
export async function insertClient(
  db: Database,
  client: ClientToInsert,
  admission: Admission,
  actor: Actor,
): Promise<StoredClient | null> {
  const isOffered =
    client.registration === "dynamic"
      ? sql`true`
      : sql`not exists (
          select from unnest(string_to_array(${text(client.scope)}, ' ')) n(name)
          where n.name <> '' and not exists (
            select from scopes s where s.name = n.name and s.resource_id = coalesce(admission.resource_id, s.resource_id)))`;
  const [stored] = await db.run<StoredClient>(sql`
    with admission as (${admissionOf(admission, client, actor)}),
    ${recorded("client_registered", "client", actor)`${insertFrom(client, admission, sql`admission where ${isOffered}`, actor)}`}
    select scope from client`);
  return stored ?? null;
}

/** Stores what a metadata document says now, adding the client if it is new. */
export async function upsertDocumentClient(
  db: Database,
  client: ClientRecord & { readonly id: string; readonly freshUntil: Date },
  actor: Actor,
): Promise<void> {
  await db.run(sql`
    with before as (select fingerprint from clients where id = ${text(client.id)}),
    client as (
      insert into clients
        (id, registration, created_at, document_fetched_at, document_fresh_until, ${RECORD_COLUMNS})
      values (${text(client.id)}, 'metadata_document', ${timestamptz(actor.now)}, ${timestamptz(actor.now)},
        ${timestamptz(client.freshUntil)}, ${recordValues(client)})
      on conflict (id) do update set (document_fetched_at, document_fresh_until, ${RECORD_COLUMNS})
        = row (excluded.document_fetched_at, excluded.document_fresh_until, ${excluded}),
        fetched_jwks = case when clients.jwks_uri = excluded.jwks_uri then clients.fetched_jwks end
      returning ${AUDITED}, fingerprint),
    registered as (${auditEach("client_registered", sql`client where not exists (select from before)`, actor)}),
    changed as (${auditEach("client_changed", sql`client where fingerprint <> (select fingerprint from before)`, actor)})
    select client_id from client`);
}

const excluded = sql`excluded.name, excluded.client_uri, excluded.redirect_uris, excluded.redirect_hosts, excluded.grant_types, excluded.scope,
  excluded.application_type, excluded.authentication_methods, excluded.secret_digest, excluded.jwks, excluded.jwks_uri,
  excluded.dpop_bound, excluded.fingerprint`;

/** Replaces the metadata of a dynamic client for the holder of its registration access token (RFC 7592 §2.2). */
export async function updateManagedClient(
  db: Database,
  managed: { readonly id: string; readonly registrationDigest: Digest },
  client: ClientRecord,
  maxUnused: number,
  actor: Actor,
): Promise<StoredClient | "full" | null> {
  const [row] = await db.run<{ isThere: boolean; clientId: string | null; scope: string | null }>(sql`
    with room as (select ${isRare("client_changed", maxUnused, actor.now)} as is_there),
    ${recorded("client_changed", "client", actor)`
      update clients set (${RECORD_COLUMNS}, fetched_jwks) = row (${recordValues(client)}, null)
      where id = ${text(managed.id)} and registration_digest = ${bytea(managed.registrationDigest)} and disabled_at is null
        and (select is_there from room)
      returning ${AUDITED}, scope`}
    select is_there as "isThere", client_id as "clientId", scope from room left join client on true`);
  if (!row?.isThere) return "full";
  return row.clientId === null ? null : { scope: row.scope };
}

/** The client to delete, by its id, or by its id and its own registration access token. */
type ClientSelection = { readonly id: string; readonly registrationDigest: Digest | null };

/** Deletes a client and everything that it was granted, on its own request or an owner's. */
export async function deleteClient(db: Database, { id, registrationDigest }: ClientSelection, actor: Actor) {
  if (registrationDigest === null) return (await deleteClients(db, [id], actor)) > 0;
  const isItself = sql`c.registration_digest = ${bytea(registrationDigest)} and c.disabled_at is null`;
  return (await deleteSelected(db, sql`c.id = ${text(id)} and ${isItself}`, actor)) > 0;
}

/** Deletes clients and everything that they were granted, for an owner. Returns how many. */
export const deleteClients = (db: Database, ids: readonly string[], actor: Actor): Promise<number> =>
  deleteSelected(db, sql`c.id = any(${textArray(ids)}) and ${isAuthorized(actor)}`, actor);

/** Locks them before their families, as redeeming a code does. */
async function deleteSelected(db: Database, condition: SQL, actor: Actor): Promise<number> {
  const rows = await db.run(sql`
    with locked as (
      select c.id from clients c where ${condition} order by c.id for update),
    ${revokeSelected(sql`f.client_id in (select id from locked)`, "client_deleted", actor)},
    ${recorded("client_deleted", "client", actor)`
      delete from clients using locked where clients.id = locked.id
      returning ${auditColumns({ clientId: sql`clients.id` })}`}
    select client_id from client`);
  return rows.length;
}
