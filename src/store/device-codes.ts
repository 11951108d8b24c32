import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, isLiveSession, type SessionKey } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import {
  type ClientCredential,
  type ClientFacts,
  clientFactsOf,
  isAuthenticated,
  spendAssertion,
} from "./client-credentials.ts";
import { type ClientRegistration, documentAsJson } from "./clients.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { type PreviousGrant, previousGrant } from "./previous-grant.ts";
import { isRequestedResource, offeredScopes } from "./requested-scopes.ts";
import { type Resource, resourceAsJson } from "./resources.ts";
import { after, boolean, bytes, instant, integer, text, texts } from "./sql.ts";

export type DeviceRequest = {
  readonly clientId: string;
  readonly credential: ClientCredential;
  /** null for the default resource. */
  readonly resourceUri: string | null;
  /** null for the resource's default set. */
  readonly scopes: readonly string[] | null;
};

export type NewDeviceCode = {
  readonly digest: Digest;
  readonly userCodeHash: Digest;
  readonly lifetimeSeconds: number;
  readonly pollSeconds: number;
};

/** Why a device got no code. */
export type DeviceRequestFacts = ClientFacts & { readonly resourceMatches: boolean; readonly scopesMatch: boolean };

/**
 * Adds a device authorization request (RFC 8628 §3.1), and says what there is to say about it; `inserted` is false if any of
 * the facts speaks against it, or the user code is taken. The parties are locked first: one that is being deleted would
 * break the insert, which refers to it.
 */
export async function insertDeviceCode(
  db: Database,
  request: DeviceRequest,
  code: NewDeviceCode,
  grantType: string,
  actor: Actor,
): Promise<DeviceRequestFacts & { readonly inserted: boolean }> {
  const { now } = actor;
  const { credential } = request;
  try {
    const [row] = await db.run<DeviceRequestFacts & { inserted: boolean }>(sql`
      with ${spendAssertion(credential)} facts as (
        select ${clientFactsOf(credential, grantType)}, r.id is not null as "resourceMatches",
          ${offeredScopes(request.scopes)} as scopes
        from (select ${text(request.clientId)} as client_id) presented
          left join clients c on c.id = presented.client_id
          left join resources r on ${isRequestedResource(request.resourceUri)}),
      party as (
        select c.id as client_id, r.id as resource_id
        from clients c, resources r
        where c.id = ${text(request.clientId)} and ${isAuthenticated(credential)} and c.disabled_at is null
          and ${text(grantType)} = any(c.grant_types)
          and ${isRequestedResource(request.resourceUri)}
        for share of c, r),
      code as (
        insert into device_codes
          (digest, user_code_hash, client_id, resource_id, scopes, poll_seconds, created_at, expires_at)
        select ${bytes(code.digest)}, ${bytes(code.userCodeHash)}, client_id, resource_id, scopes,
          ${integer(code.pollSeconds)}, ${instant(now)}, ${after(now, code.lifetimeSeconds)}
        from party, facts where cardinality(scopes) > 0
        returning digest)
      select "clientFound", "clientDisabled", "clientAuthenticated", "grantRegistered", "resourceMatches",
        cardinality(scopes) > 0 as "scopesMatch", exists (select from code) as "inserted" from facts`);
    if (!row) throw new Error("a row of facts was expected");
    return row;
  } catch (error) {
    if (!isUniqueViolation(error, "device_codes_user_code_hash_unique")) throw error;
    const facts = { clientFound: true, clientDisabled: false, clientAuthenticated: true, grantRegistered: true };
    return { ...facts, resourceMatches: true, scopesMatch: true, inserted: false };
  }
}

/** What a person is asked who has typed a code. */
export type ViewedDeviceCode = {
  /** Hex of the digest. */
  readonly digest: string;
  readonly scopes: string[];
  readonly client: {
    readonly id: string;
    readonly registration: ClientRegistration;
    readonly name: string;
    readonly fingerprint: string;
    readonly approved: boolean;
    /** For clients of metadata documents. Milliseconds since 1970. */
    readonly document: { readonly fetchedAt: number; readonly freshUntil: number } | null;
  };
  readonly resource: Resource;
  readonly previous: PreviousGrant | null;
};

/**
 * Binds a code that waits to the first session that views it, and tells what it asks; null for any other session, and for a
 * code that is unknown, decided or over, or of a client that may have none.
 */
export async function updateDeviceCodeViewer(
  db: Database,
  userCodeHashes: readonly Digest[],
  session: SessionKey,
  grantType: string,
  now: Date,
): Promise<ViewedDeviceCode | null> {
  const hashes = sql.join(userCodeHashes.map(bytes), sql`, `);
  const [row] = await db.run<ViewedDeviceCode>(sql`
    with viewed as (
      update device_codes d set session_digest = s.digest
      from sessions s join users u on u.id = s.user_id
      where d.user_code_hash in (${hashes}) and ${isLiveSession(session, now)}
        and coalesce(d.session_digest, s.digest) = s.digest and d.decision is null and d.expires_at > ${instant(now)}
      returning d.*, s.user_id as viewer_id)
    select encode(v.digest, 'hex') as "digest", v.scopes,
      jsonb_build_object('id', c.id, 'registration', c.registration, 'name', c.name,
        'fingerprint', encode(c.fingerprint, 'hex'),
        'approved', c.approved_fingerprint is not distinct from c.fingerprint, 'document', ${documentAsJson}) as "client",
      ${resourceAsJson} as "resource",
      ${previousGrant(sql`v.viewer_id`, sql`c.id`, sql`r.id`)} as "previous"
    from viewed v join clients c on c.id = v.client_id join resources r on r.id = v.resource_id
    where c.disabled_at is null and ${text(grantType)} = any(c.grant_types)`);
  return row ?? null;
}

export type DeviceDecision = {
  /** Hex of the digest. */
  readonly digest: string;
  readonly session: SessionKey;
  /** Hex, as it was shown. */
  readonly clientFingerprint: string;
  /** What the person allows of what was asked; null for nothing. */
  readonly scopes: readonly string[] | null;
  readonly familySeconds: number | null;
  readonly userAgent: string | null;
};

/**
 * Records a decision, once, of the session that viewed the code. It allows only what was asked and is offered still, to a
 * client that is as it was shown; it denies whatever has become of the client.
 */
export async function updateDeviceCodeDecision(db: Database, decision: DeviceDecision, actor: Actor): Promise<boolean> {
  const { now } = actor;
  const { scopes } = decision;
  const event = scopes === null ? "authorization_denied" : "authorization_granted";
  const isAllowable = sql`c.disabled_at is null and c.fingerprint = decode(${text(decision.clientFingerprint)}, 'hex')
    and ${texts(scopes)} <@ d.scopes
    and ${texts(scopes)} <@ array(select name from scopes where resource_id = d.resource_id)`;
  const rows = await db.run(sql`
    with party as (
      select s.digest as session_digest, u.id as user_id
      from sessions s join users u on u.id = s.user_id where ${isLiveSession(decision.session, now)}
      for share of u, s),
    decided as (
      update device_codes d set user_id = p.user_id, decision = ${text(outcomeOf(decision))},
        scopes = coalesce(${texts(scopes)}, d.scopes), family_seconds = ${integer(decision.familySeconds)},
        user_agent = ${text(decision.userAgent)}
      from party p, clients c
      where d.digest = decode(${text(decision.digest)}, 'hex') and d.session_digest = p.session_digest
        and d.decision is null and d.expires_at > ${instant(now)}
        and c.id = d.client_id and ${scopes === null ? sql`true` : isAllowable}
      returning d.user_id, d.client_id, d.resource_id, null::uuid as family_id),
    audit as (${auditEach(event, sql`decided`, actor)})
    select true as decided from decided`);
  return rows.length > 0;
}

/**
 * Whether a decision that was not recorded anew stands already, just so, by the same session: the form was submitted twice. A
 * statement of its own, since two at once don't see each other.
 */
export async function isDeviceCodeDecided(db: Database, decision: DeviceDecision): Promise<boolean> {
  const { scopes, familySeconds } = decision;
  const rows = await db.read(sql`
    select true as decided from device_codes d
    where d.digest = decode(${text(decision.digest)}, 'hex') and d.session_digest = ${bytes(decision.session.digest)}
      and d.decision = ${text(outcomeOf(decision))} and d.scopes = coalesce(${texts(scopes)}, d.scopes)
      and (${boolean(scopes === null)} or d.family_seconds is not distinct from ${integer(familySeconds)})`);
  return rows.length > 0;
}

const outcomeOf = ({ scopes }: DeviceDecision): "allowed" | "denied" => (scopes === null ? "denied" : "allowed");
