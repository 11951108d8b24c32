import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import {
  type ClientCredential,
  type ClientFacts,
  clientFactsOf,
  isAuthenticated,
  spendAssertion,
} from "./client-credentials.ts";
import type { ClientRegistration } from "./clients.ts";
import type { Database } from "./database.ts";
import { foundFamily, type NewTokens, selectFounded } from "./founded-families.ts";
import type { IssuedTokens, TokenLifetimes } from "./issued-tokens.ts";
import { after, bytes, instant, integer, text, uuid } from "./sql.ts";

export type DevicePoll = {
  readonly digest: Digest;
  readonly clientId: string;
  readonly credential: ClientCredential;
  /** null where the request left it out. */
  readonly resourceUri: string | null;
  /** A keyed hash of what the caller looks like on the network. */
  readonly caller: Digest;
};

/** What a poll found; what is not about the client is false where the code is not this client's. */
export type DeviceFacts = ClientFacts & {
  readonly codeFound: boolean;
  readonly decision: "allowed" | "denied" | null;
  readonly spent: boolean;
  /** The same caller spent it just now: one of its polls overtook another. */
  readonly overtaken: boolean;
  readonly expired: boolean;
  /** It polls faster than it was told to. */
  readonly tooSoon: boolean;
  readonly userDisabled: boolean;
  readonly resourceMatches: boolean;
  readonly registration: ClientRegistration | null;
  readonly userId: string | null;
  readonly familyId: string | null;
};

/** Each poll that comes too soon adds this to the interval (RFC 8628 §3.5). */
const SLOW_DOWN_SECONDS = 5;
/** Two polls of one caller that redeem within this are no theft. */
const OVERTAKING_SECONDS = 30;
/** A poll may overtake the one before it on the way here by this much, and is not told to slow down for it. */
const EARLY_SECONDS = 1;

/**
 * A device's poll (RFC 8628 §3.4), in one statement: it spends a code that was allowed and founds its token family, or does
 * nothing but note that it polled. Of parallel polls exactly one finds `redeemed_at` null, and at most one of those that wait
 * is not too soon: the row itself says, as the poll before it left it. The other facts are those before the statement; they
 * explain a refusal, and the tokens alone say that there is none.
 */
export async function consumeDeviceCode(
  db: Database,
  poll: DevicePoll,
  tokens: NewTokens,
  lifetimes: TokenLifetimes,
  grantType: string,
  actor: Actor,
): Promise<{ readonly facts: DeviceFacts; readonly issued: IssuedTokens | null }> {
  const { now } = actor;
  const { credential, digest } = poll;
  const [row] = await db.run<DeviceFacts & { issued: IssuedTokens | null }>(sql`
    with ${spendAssertion(credential)} facts as (
      select ${clientFactsOf(credential, grantType)}, c.registration, d.digest is not null as "codeFound", d.decision,
        d.redeemed_at is not null as "spent",
        coalesce(d.redeemed_by = ${bytes(poll.caller)} and d.redeemed_at > ${after(now, -OVERTAKING_SECONDS)}, false)
          as "overtaken",
        coalesce(d.expires_at <= ${instant(now)}, false) as "expired",
        d.poll_seconds,
        u.disabled_at is not null as "userDisabled",
        coalesce(r.uri = coalesce(${text(poll.resourceUri)}, r.uri), false) as "resourceMatches",
        d.user_id as "userId", d.family_id as "familyId"
      from (select ${text(poll.clientId)} as client_id) presented
        left join clients c on c.id = presented.client_id
        left join device_codes d on d.digest = ${bytes(digest)} and d.client_id = c.id
        left join users u on u.id = d.user_id
        left join resources r on r.id = d.resource_id),
    polled as (
      update device_codes d set polled_at = ${instant(now)},
        poll_seconds = d.poll_seconds + case
          when d.polled_at + (d.poll_seconds - ${integer(EARLY_SECONDS)}) * interval '1 second' > ${instant(now)}
          then ${integer(SLOW_DOWN_SECONDS)} else 0 end
      from facts
      where d.digest = ${bytes(digest)} and d.client_id = ${text(poll.clientId)} and d.decision is null
        and facts."clientAuthenticated" and not facts."clientDisabled" and facts."grantRegistered"
      returning d.poll_seconds),
    party as (
      select u.id as user_id, c.id as client_id, r.uri as resource_uri, 'refresh_token' = any(c.grant_types) as refreshable,
        least(${integer(lifetimes.familySeconds)}, d.family_seconds, r.max_family_seconds) as family_seconds
      from device_codes d join clients c on c.id = d.client_id join users u on u.id = d.user_id
        join resources r on r.id = d.resource_id
      where d.digest = ${bytes(digest)} and c.id = ${text(poll.clientId)} and ${isAuthenticated(credential)}
        and c.disabled_at is null and u.disabled_at is null and ${text(grantType)} = any(c.grant_types)
        and r.uri = coalesce(${text(poll.resourceUri)}, r.uri)
      for share of c, u, r),
    code as (
      update device_codes d set redeemed_at = ${instant(now)}, redeemed_by = ${bytes(poll.caller)},
        family_id = ${uuid(tokens.familyId)}
      from party p
      where d.digest = ${bytes(digest)} and d.client_id = p.client_id and d.user_id = p.user_id
        and d.decision = 'allowed' and d.redeemed_at is null and d.expires_at > ${instant(now)}
      returning d.family_id, d.user_id, d.client_id, d.resource_id, d.scopes, d.user_agent, p.resource_uri,
        p.family_seconds, p.refreshable),
    ${foundFamily(credential, tokens, lifetimes, null, now)},
    audit as (${auditEach("device_code_redeemed", sql`code`, actor)})
    select "clientFound", "clientDisabled", "clientAuthenticated", "grantRegistered", registration, "codeFound", decision,
      "spent", "overtaken", "expired", exists (select from polled where polled.poll_seconds > facts.poll_seconds) as "tooSoon",
      "userDisabled", "resourceMatches", "userId", "familyId",
      (select to_jsonb(founded) from (${selectFounded}) founded) as "issued"
    from facts`);
  if (!row) throw new Error("a row of facts was expected");
  const { issued, ...facts } = row;
  return { facts, issued };
}
