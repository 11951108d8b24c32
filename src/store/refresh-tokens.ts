import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import {
  type ClientCredential,
  type ClientFacts,
  clientFactsOf,
  isAuthenticated,
  isSameMethod,
  recallAssertion,
  spendAssertion,
} from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { type IssuedTokens, issuedColumns, type TokenLifetimes } from "./issued-tokens.ts";
import { after, bytes, epoch, instant, integer, text, texts } from "./sql.ts";

export type RefreshPresentation = {
  readonly digest: Digest;
  readonly clientId: string;
  readonly credential: ClientCredential;
  /** null where the request left it out. */
  readonly scopes: readonly string[] | null;
  readonly resourceUri: string | null;
  /** A keyed hash of what the caller looks like on the network. */
  readonly caller: Digest;
};

export type Successors = {
  readonly accessDigest: Digest;
  readonly refreshDigest: Digest;
  /** Both tokens, readable only to who holds the presented one; null where replays are turned off. */
  readonly sealedAnswer: string | null;
};

/**
 * Spends a refresh token and issues its successors, or does nothing (OAuth 2.1 §4.3.1). One statement: of parallel
 * presentations exactly one finds `used_at` null, so a family stays one chain. The family is locked before the token, in
 * the same order as revoking does, so a revocation comes before or after, never between.
 */
export async function rotateRefreshToken(
  db: Database,
  presented: RefreshPresentation,
  successors: Successors,
  lifetimes: TokenLifetimes,
  actor: Actor,
): Promise<IssuedTokens | null> {
  const { now } = actor;
  const { credential, digest } = presented;
  const [issued] = await db.run<IssuedTokens>(sql`
    with ${spendAssertion(credential)} party as (
      select f.id as family_id, f.user_id, f.client_id, f.resource_id, f.expires_at as family_expires_at,
        coalesce(${texts(presented.scopes)}, f.scopes) as scopes, r.uri as resource_uri
      from refresh_tokens t join token_families f on f.id = t.family_id
        join clients c on c.id = f.client_id join users u on u.id = f.user_id join resources r on r.id = f.resource_id
      where t.digest = ${bytes(digest)} and c.id = ${text(presented.clientId)} and ${isAuthenticated(credential)}
        and ${isSameMethod(sql`f.authentication_method`, credential)} and 'refresh_token' = any(c.grant_types)
        and c.disabled_at is null and u.disabled_at is null and f.revoked_at is null and f.expires_at > ${instant(now)}
        and r.uri = coalesce(${text(presented.resourceUri)}, r.uri)
        and coalesce(${texts(presented.scopes)}, f.scopes) <@ f.scopes
      for share of f),
    presented as (
      update refresh_tokens t set used_at = ${instant(now)}, sealed_answer = ${text(successors.sealedAnswer)},
        rotated_by = ${bytes(presented.caller)}
      from party p
      where t.digest = ${bytes(digest)} and t.family_id = p.family_id and t.used_at is null
        and t.expires_at > ${instant(now)}
      returning p.*, t.generation + 1 as generation),
    predecessor as (
      update refresh_tokens t set sealed_answer = null from presented p
      where t.family_id = p.family_id and t.generation = p.generation - 2 and t.sealed_answer is not null),
    refresh as (
      insert into refresh_tokens (digest, family_id, generation, created_at, expires_at)
      select ${bytes(successors.refreshDigest)}, family_id, generation, ${instant(now)},
        least(${after(now, lifetimes.refreshSeconds)}, family_expires_at) from presented),
    access as (
      insert into access_tokens (digest, family_id, generation, scopes, created_at, expires_at)
      select ${bytes(successors.accessDigest)}, family_id, generation, scopes, ${instant(now)},
        least(${after(now, lifetimes.accessSeconds)}, family_expires_at) from presented
      returning *),
    audit as (${auditEach("token_refreshed", sql`presented`, actor)})
    select ${issuedColumns(sql`f.resource_uri`, sql`true`)}
    from presented f, access t`);
  return issued ?? null;
}

export type ReplayIntervals = { readonly reuseSeconds: number; readonly lostAnswerSeconds: number };

/** Why a refresh token was not rotated, and its sealed answer where it may be given again. */
export type RefreshFacts = ClientFacts & {
  readonly tokenFound: boolean;
  readonly familyId: string | null;
  readonly userId: string | null;
  readonly resourceUri: string | null;
  readonly methodMatches: boolean;
  readonly userDisabled: boolean;
  readonly familyRevoked: boolean;
  readonly expired: boolean;
  readonly resourceMatches: boolean;
  readonly scopesMatch: boolean;
  readonly spent: boolean;
  /** Spent less than the reuse interval ago: a race, not a theft. */
  readonly recent: boolean;
  readonly sameCaller: boolean;
  readonly sealedAnswer: string | null;
  /** Of the access token in the sealed answer. */
  readonly scopes: string[] | null;
  readonly accessExpiresAt: number | null;
};

/**
 * The replay gate: `sealedAnswer` is not null only if all that a rotation asks holds, the token is the immediate
 * predecessor of the head, and it was spent within one of the two intervals (design: rotation that survives real
 * clients). The guards `> 0` matter: a loser's clock can be behind the winner's, so that an interval of nought would
 * still let it through.
 */
export async function findRefreshReplay(
  db: Database,
  presented: RefreshPresentation,
  { reuseSeconds, lostAnswerSeconds }: ReplayIntervals,
  actor: Actor,
): Promise<RefreshFacts> {
  const { now } = actor;
  const { credential } = presented;
  const [facts] = await db.run<RefreshFacts>(sql`
    with ${recallAssertion(credential)} facts as (
      select ${clientFactsOf(credential, "refresh_token")},
        t.digest is not null as "tokenFound", f.id as "familyId", f.user_id as "userId", r.uri as "resourceUri",
        f.id as family_id, f.user_id, f.client_id, f.resource_id,
        coalesce(${isSameMethod(sql`f.authentication_method`, credential)}, false) as "methodMatches",
        u.disabled_at is not null as "userDisabled",
        f.revoked_at is not null as "familyRevoked",
        coalesce(least(t.expires_at, f.expires_at) <= ${instant(now)}, false) as "expired",
        coalesce(r.uri = coalesce(${text(presented.resourceUri)}, r.uri), false) as "resourceMatches",
        coalesce(coalesce(${texts(presented.scopes)}, f.scopes) <@ f.scopes, false) as "scopesMatch",
        t.used_at is not null as "spent",
        coalesce(${integer(reuseSeconds)} > 0 and t.used_at > ${after(now, -reuseSeconds)}, false) as "recent",
        coalesce(t.rotated_by = ${bytes(presented.caller)}, false) as "sameCaller",
        ${integer(lostAnswerSeconds)} > 0 and t.used_at > ${after(now, -lostAnswerSeconds)} as within_lost_answer,
        next.digest is not null and next.used_at is null as successor_is_head,
        next.used_at is not null or exists (
          select from access_tokens a
          where a.family_id = f.id and a.generation > t.generation and a.first_used_at is not null) as successor_seen,
        t.sealed_answer, access.scopes, ${epoch(sql`access.expires_at`)} as "accessExpiresAt"
      from (select ${text(presented.clientId)} as client_id) as presented
        left join clients c on c.id = presented.client_id
        left join (refresh_tokens t join token_families f on f.id = t.family_id
          join users u on u.id = f.user_id join resources r on r.id = f.resource_id)
          on t.digest = ${bytes(presented.digest)} and f.client_id = c.id
        left join refresh_tokens next on next.family_id = f.id and next.generation = t.generation + 1
        left join access_tokens access on access.family_id = f.id and access.generation = t.generation + 1),
    replay as (
      select * from facts
      where "clientAuthenticated" and not "clientDisabled" and "grantRegistered" and "methodMatches"
        and not "userDisabled" and not "familyRevoked" and not "expired" and "resourceMatches" and "scopesMatch"
        and "spent" and successor_is_head and sealed_answer is not null
        and ("recent" or (within_lost_answer and "sameCaller" and not successor_seen))),
    audit as (${auditEach("refresh_replayed", sql`replay where "sameCaller"`, actor)}),
    audit_other as (${auditEach("refresh_replayed_by_other_caller", sql`replay where not "sameCaller"`, actor)})
    select "clientFound", "clientDisabled", "clientAuthenticated", "grantRegistered", "tokenFound", "familyId", "userId",
      "resourceUri", "methodMatches", "userDisabled", "familyRevoked", "expired", "resourceMatches", "scopesMatch", "spent", "recent",
      "sameCaller", scopes, "accessExpiresAt", (select sealed_answer from replay) as "sealedAnswer"
    from facts`);
  if (!facts) throw new Error("a row of facts was expected");
  return facts;
}
