import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import {
  type ClientCredential,
  type ClientFacts,
  clientFacts,
  isAuthenticated,
  recallAssertion,
  spendAssertion,
} from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { type IssuedTokens, issuedColumns } from "./issued-tokens.ts";
import { isRequestedResource, offeredScopes } from "./requested-scopes.ts";
import { after, bytes, instant, text, uuid } from "./sql.ts";

/** What a client asks for in its own name. */
export type MachineRequest = {
  readonly clientId: string;
  readonly credential: ClientCredential;
  /** null for the one that it is registered for. */
  readonly resourceUri: string | null;
  /** null for the resource's default set. */
  readonly scopes: readonly string[] | null;
};

/**
 * Whether `clients c` may act in its own name: the owner registered it for that, and it proves who it is. Registration
 * drops the grant for everybody else; this does not rest on it.
 */
const mayActForItself = sql`('client_credentials' = any(c.grant_types) and c.registration = 'preregistered'
  and not 'none' = any(c.authentication_methods))`;

/** Nobody is asked, so the resource that the owner registered it for is all that it can reach, and those scopes all it gets. */
const isOwnResource = ({ resourceUri }: MachineRequest) =>
  sql`(c.resource_id = r.id and ${isRequestedResource(resourceUri)})`;
const grantedScopes = ({ scopes }: MachineRequest) => sql`array(
  select s from unnest(${offeredScopes(scopes)}) with ordinality x(s, n)
  where s = any(string_to_array(c.scope, ' ')) order by n)`;

/**
 * Issues an access token to a client in its own name, or does nothing (OAuth 2.1 §4.2): in a family of its own, without a
 * person and without a refresh token.
 */
export async function insertMachineToken(
  db: Database,
  request: MachineRequest,
  token: { readonly familyId: string; readonly accessDigest: Digest },
  accessSeconds: number,
  actor: Actor,
): Promise<IssuedTokens | null> {
  const { now } = actor;
  const { credential } = request;
  const [issued] = await db.run<IssuedTokens>(sql`
    with ${spendAssertion(credential)} party as (
      select c.id as client_id, r.id as resource_id, r.uri as resource_uri, ${grantedScopes(request)} as scopes
      from clients c, resources r
      where c.id = ${text(request.clientId)} and ${isAuthenticated(credential)} and c.disabled_at is null
        and ${mayActForItself} and ${isOwnResource(request)}
      for share of c, r),
    family as (
      insert into token_families (id, client_id, resource_id, scopes, authentication_method, created_at, expires_at)
      select ${uuid(token.familyId)}, client_id, resource_id, scopes, ${text(credential.method)}, ${instant(now)},
        ${after(now, accessSeconds)} from party where cardinality(scopes) > 0
      returning user_id, client_id, resource_id, id as family_id, scopes, expires_at),
    access as (
      insert into access_tokens (digest, family_id, generation, scopes, created_at, expires_at)
      select ${bytes(token.accessDigest)}, family_id, 0, scopes, ${instant(now)}, expires_at from family
      returning *),
    audit as (${auditEach("client_credentials_granted", sql`family`, actor)})
    select ${issuedColumns(sql`party.resource_uri`, sql`false`)} from party, access t`);
  return issued ?? null;
}

/** Why a client got no token in its own name. */
export type MachineFacts = ClientFacts & { readonly resourceMatches: boolean; readonly scopesMatch: boolean };

export async function findMachineFacts(db: Database, request: MachineRequest): Promise<MachineFacts> {
  const { credential } = request;
  const [facts] = await db.read<MachineFacts>(sql`
    with ${recallAssertion(credential)} presented as (select ${text(request.clientId)} as client_id)
    select ${clientFacts(credential)}, coalesce(${mayActForItself}, false) as "grantRegistered",
      r.id is not null as "resourceMatches", coalesce(cardinality(${grantedScopes(request)}) > 0, false) as "scopesMatch"
    from presented left join clients c on c.id = presented.client_id
      left join resources r on ${isOwnResource(request)}`);
  if (!facts) throw new Error("a row of facts was expected");
  return facts;
}
