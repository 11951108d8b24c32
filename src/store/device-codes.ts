import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { ownersToAsk } from "./access-rules.ts";
import { type Actor, isLiveSession, type SessionKey } from "./actor.ts";
import { type AppRule, judgeDeviceApp } from "./app-rules.ts";
import { recorded } from "./audit-events.ts";
import { type AskingClient, clientParameters } from "./client-credentials.ts";
import { type ClientRegistration, documentAsJson } from "./clients.ts";
import type { Database } from "./database.ts";
import { callGate, type Refused } from "./gate.ts";
import { type NeededProvider, neededProviders } from "./needed-providers.ts";
import { type PreviousGrant, previousGrant } from "./previous-grant.ts";
import { type Resource, resourceAsJson } from "./resources.ts";
import { boolean, bytea, integer, text, textArray, timestamptz } from "./sql.ts";

type DeviceRequest = AskingClient & {
  /** Null for the default resource. */
  readonly resourceUri: string | null;
  /** Null for the resource's default scopes. */
  readonly scopes: readonly string[] | null;
};

type NewDeviceCode = {
  readonly digest: Digest;
  readonly userCodeHash: Digest;
  readonly lifetimeSeconds: number;
  readonly pollSeconds: number;
};

/** Adds a device authorization request (RFC 8628 §3.1), see `gates/request-device-code.sql`. */
export const insertDeviceCode = (
  db: Database,
  request: DeviceRequest,
  code: NewDeviceCode,
  grantType: string,
  { now }: Actor,
): Promise<{ readonly inserted: boolean } | Refused> =>
  callGate(db, "request_device_code_1", {
    code: bytea(code.digest),
    user_code_hash: bytea(code.userCodeHash),
    ...clientParameters(request),
    grant_type: text(grantType),
    resource_uri: text(request.resourceUri),
    scopes: textArray(request.scopes),
    poll_seconds: integer(code.pollSeconds),
    code_seconds: integer(code.lifetimeSeconds),
    now: timestamptz(now),
  });

/** The question for a person who has typed a code. */
export type ViewedDeviceCode = {
  /** The digest, in hex. */
  readonly digest: string;
  /** The requested scopes that its person may have. */
  readonly scopes: string[];
  /** What the rules say of the app. */
  readonly decision: AppRule["decision"];
  /** The owners to ask for access, if the resource isn't for everybody. */
  readonly owners: readonly string[];
  readonly client: {
    readonly id: string;
    readonly registration: ClientRegistration;
    readonly name: string;
    readonly fingerprint: string;
    readonly approved: boolean;
    /** Only for clients with a metadata document. Milliseconds since 1970. */
    readonly document: { readonly fetchedAt: number; readonly freshUntil: number } | null;
  };
  readonly resource: Resource;
  /** The providers whose accounts the resource may use, with the person's own accounts. */
  readonly providers: readonly NeededProvider[];
  readonly previous: PreviousGrant | null;
};

/**
 * Binds a waiting code to the first session that views it, and returns what it asks for. Null for any other session,
 * for a code that is unknown, decided or expired, and for a client that may not have one. Signing out frees the code, since
 * the page offers that to somebody whose account it doesn't show.
 */
export async function updateDeviceCodeViewer(
  db: Database,
  userCodeHashes: readonly Digest[],
  session: SessionKey,
  grantType: string,
  now: Date,
): Promise<ViewedDeviceCode | null> {
  const hashes = sql.join(userCodeHashes.map(bytea), sql`, `);
  const [row] = await db.run<ViewedDeviceCode>(sql`
    with viewed as (
      update device_codes d set session_digest = s.digest
      from sessions s join users u on u.id = s.user_id
      where d.user_code_hash in (${hashes}) and ${isLiveSession(session, now)}
        and (coalesce(d.session_digest, s.digest) = s.digest
          or not exists (select from sessions o where o.digest = d.session_digest))
        and d.decision is null and d.expires_at > ${timestamptz(now)}
      returning d.*, s.user_id as viewer_id)
    select encode(v.digest, 'hex') as "digest", case when r.is_open then v.scopes else allowed_scopes_1(v.resource_id, v.viewer_id, v.scopes) end as "scopes",
      ${judgeDeviceApp} as "decision", ${ownersToAsk(sql`r.is_open`)} as "owners",
      jsonb_build_object('id', c.id, 'registration', c.registration, 'name', c.name,
        'fingerprint', encode(c.fingerprint, 'hex'),
        'approved', c.approved_fingerprint is not distinct from c.fingerprint, 'document', ${documentAsJson}) as "client",
      ${resourceAsJson} as "resource",
      ${neededProviders(sql`r.id`, sql`v.viewer_id`)} as "providers",
      ${previousGrant(sql`v.viewer_id`, sql`c.id`, sql`r.id`)} as "previous"
    from viewed v join clients c on c.id = v.client_id join resources r on r.id = v.resource_id
    where c.disabled_at is null and ${text(grantType)} = any(c.grant_types)`);
  return row ?? null;
}

type DeviceDecision = {
  /** The digest, in hex. */
  readonly digest: string;
  readonly session: SessionKey;
  /** The client's fingerprint when it was shown, in hex. */
  readonly clientFingerprint: string;
  /** The requested scopes that the person allows. Null if they decline. */
  readonly scopes: readonly string[] | null;
  readonly familySeconds: number | null;
  readonly userAgent: string | null;
};

/**
 * Records a decision once, by the session that viewed the code. It can only allow scopes that were requested and are
 * still offered, to a client that hasn't changed since it was shown. It can always decline.
 */
export async function updateDeviceCodeDecision(db: Database, decision: DeviceDecision, actor: Actor): Promise<boolean> {
  const { now } = actor;
  const { scopes } = decision;
  const event = scopes === null ? "authorization_denied" : "authorization_granted";
  const isAllowable = sql`c.disabled_at is null and c.fingerprint = decode(${text(decision.clientFingerprint)}, 'hex')
    and ${judgeDeviceApp} = 'welcome'
    and ${textArray(scopes)} <@ d.scopes
    and ${textArray(scopes)} <@ array(select name from scopes where resource_id = d.resource_id)
    and allowed_scopes_1(d.resource_id, s.user_id, ${textArray(scopes)}) = ${textArray(scopes)}`;
  const rows = await db.run(sql`
    with live_session as (
      select s.digest, u.id as user_id
      from sessions s join users u on u.id = s.user_id where ${isLiveSession(decision.session, now)}
      for share of u, s),
    ${recorded(event, "decided", actor)`
      update device_codes d set user_id = s.user_id, decision = ${text(outcomeOf(decision))},
        scopes = coalesce(${textArray(scopes)}, d.scopes), family_seconds = ${integer(decision.familySeconds)},
        user_agent = ${text(decision.userAgent)}
      from live_session s, clients c
      where d.digest = decode(${text(decision.digest)}, 'hex') and d.session_digest = s.digest
        and d.decision is null and d.expires_at > ${timestamptz(now)}
        and c.id = d.client_id and ${scopes === null ? sql`true` : isAllowable}
      returning d.user_id, d.client_id, d.resource_id, null::uuid as family_id`}
    select true as decided from decided`);
  return rows.length > 0;
}

/**
 * Whether the same session has already recorded the same decision, because the form was submitted twice. A statement of
 * its own, since two submissions at once don't see each other.
 */
export async function isDeviceCodeDecided(db: Database, decision: DeviceDecision): Promise<boolean> {
  const { scopes, familySeconds } = decision;
  const rows = await db.read(sql`
    select true as decided from device_codes d
    where d.digest = decode(${text(decision.digest)}, 'hex') and d.session_digest = ${bytea(decision.session.digest)}
      and d.decision = ${text(outcomeOf(decision))} and d.scopes = coalesce(${textArray(scopes)}, d.scopes)
      and (${boolean(scopes === null)} or d.family_seconds is not distinct from ${integer(familySeconds)})`);
  return rows.length > 0;
}

const outcomeOf = ({ scopes }: DeviceDecision): "allowed" | "denied" => (scopes === null ? "denied" : "allowed");
