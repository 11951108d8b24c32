import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, isLiveSession, type SessionKey } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import {
  type ClientCredential,
  type ClientFacts,
  clientFactsOf,
  isAuthenticated,
  recallAssertion,
  spendAssertion,
} from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { foundFamily, type NewTokens, selectFounded } from "./founded-families.ts";
import type { IssuedTokens, TokenLifetimes } from "./issued-tokens.ts";
import { after, bytes, instant, integer, text, texts, uuid } from "./sql.ts";

export type NewAuthorizationCode = {
  readonly digest: Digest;
  readonly session: SessionKey;
  readonly clientId: string;
  /** Hex. */
  readonly clientFingerprint: string;
  readonly resourceId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly lifetimeSeconds: number;
  /** How long the connection may last, by the person's choice. */
  readonly familySeconds: number | null;
  /** Of the browser in which it is allowed. */
  readonly userAgent: string | null;
};

/**
 * Issues a code for what a signed-in person just consented to. It does so only if all that the consent page showed still
 * holds: the session, the client as it was displayed, the resource and its scopes.
 * The page carries its code, so that submitting it twice issues one.
 */
export async function insertAuthorizationCode(db: Database, code: NewAuthorizationCode, actor: Actor) {
  const { now } = actor;
  const rows = await db.run(sql`
    with party as (
      select u.id as user_id, c.id as client_id, r.id as resource_id
      from sessions s join users u on u.id = s.user_id, clients c, resources r
      where ${isLiveSession(code.session, now)}
        and c.id = ${text(code.clientId)} and c.fingerprint = decode(${text(code.clientFingerprint)}, 'hex') and c.disabled_at is null
        and r.id = ${text(code.resourceId)} and coalesce(c.resource_id, r.id) = r.id
        and ${texts(code.scopes)} <@ array(select name from scopes where resource_id = r.id)
      for share of u, s, c, r),
    issued as (
      insert into authorization_codes
        (digest, user_id, client_id, resource_id, scopes, redirect_uri, code_challenge, family_seconds, user_agent,
          created_at, expires_at)
      select ${bytes(code.digest)}, user_id, client_id, resource_id, ${texts(code.scopes)}, ${text(code.redirectUri)},
        ${text(code.codeChallenge)}, ${integer(code.familySeconds)}, ${text(code.userAgent)}, ${instant(now)}, ${after(now, code.lifetimeSeconds)} from party
      on conflict (digest) do nothing
      returning user_id, client_id, resource_id, null::uuid as family_id),
    audit as (${auditEach("authorization_granted", sql`issued`, actor)})
    select true as issued from issued`);
  return rows.length > 0;
}

/**
 * Whether a code that was not issued anew waits already, for the person of this session and with what they allow now: the
 * form was submitted twice. A statement of its own, since two at once don't see each other.
 */
export async function isCodeWaiting(db: Database, code: NewAuthorizationCode, now: Date): Promise<boolean> {
  const { digest, session, scopes, familySeconds } = code;
  const rows = await db.read(sql`
    select true as waiting from authorization_codes a join sessions s on s.user_id = a.user_id
    where a.digest = ${bytes(digest)} and s.digest = ${bytes(session.digest)} and a.redeemed_at is null
      and a.expires_at > ${instant(now)} and a.scopes = ${texts(scopes)}
      and a.family_seconds is not distinct from ${integer(familySeconds)}`);
  return rows.length > 0;
}

/** Records that a person said no. */
export const insertAuthorizationDenial = (
  db: Database,
  denied: { readonly sessionDigest: Digest; readonly clientId: string; readonly resourceId: string },
  actor: Actor,
) =>
  db.run(sql`
    with denial as (
      select s.user_id, ${text(denied.clientId)} as client_id, ${text(denied.resourceId)} as resource_id,
        null::uuid as family_id
      from sessions s where s.digest = ${bytes(denied.sessionDigest)}),
    audit as (${auditEach("authorization_denied", sql`denial`, actor)})
    select user_id from denial`);

export type CodeRedemption = {
  readonly digest: Digest;
  readonly clientId: string;
  readonly credential: ClientCredential;
  readonly codeChallenge: string;
  /** null where the request left it out. */
  readonly redirectUri: string | null;
  readonly resourceUri: string | null;
  readonly scopes: readonly string[] | null;
};

/**
 * Spends a code and founds its token family, or does nothing (OAuth 2.1 §4.1.3). One statement: of parallel
 * redemptions exactly one finds `redeemed_at` null. The parties are locked first, so that disabling or deleting one of
 * them comes before or after, never between.
 */
export async function consumeAuthorizationCode(
  db: Database,
  redemption: CodeRedemption,
  tokens: NewTokens,
  lifetimes: TokenLifetimes,
  actor: Actor,
): Promise<IssuedTokens | null> {
  const { now } = actor;
  const { credential, digest } = redemption;
  const [issued] = await db.run<IssuedTokens>(sql`
    with ${spendAssertion(credential)} party as (
      select u.id as user_id, c.id as client_id, r.uri as resource_uri,
        'refresh_token' = any(c.grant_types) as refreshable,
        least(${integer(lifetimes.familySeconds)}, a.family_seconds, r.max_family_seconds) as family_seconds
      from authorization_codes a join clients c on c.id = a.client_id join users u on u.id = a.user_id
        join resources r on r.id = a.resource_id
      where a.digest = ${bytes(digest)} and c.id = ${text(redemption.clientId)} and ${isAuthenticated(credential)}
        and c.disabled_at is null and u.disabled_at is null and 'authorization_code' = any(c.grant_types)
      for share of c, u, r),
    code as (
      update authorization_codes a set redeemed_at = ${instant(now)}, family_id = ${uuid(tokens.familyId)}
      from party p
      where a.digest = ${bytes(digest)} and a.client_id = p.client_id and a.user_id = p.user_id
        and a.redeemed_at is null and a.expires_at > ${instant(now)}
        and ${matchesRedemption(redemption, sql`p.resource_uri`)}
      returning a.family_id, a.user_id, a.client_id, a.resource_id, a.scopes, a.user_agent, p.family_seconds, p.resource_uri,
        p.refreshable),
    ${foundFamily(credential, tokens, lifetimes, redemption.scopes, now)},
    audit as (${auditEach("code_redeemed", sql`code`, actor)})
    ${selectFounded}`);
  return issued ?? null;
}

const matchesRedemption = (
  { redirectUri, codeChallenge, resourceUri, scopes }: CodeRedemption,
  uri: ReturnType<typeof sql>,
) => sql`
  a.code_challenge = ${text(codeChallenge)}
  and a.redirect_uri = coalesce(${text(redirectUri)}, a.redirect_uri)
  and ${uri} = coalesce(${text(resourceUri)}, ${uri})
  and coalesce(${texts(scopes)}, a.scopes) <@ a.scopes`;

/** Why a code was not redeemed; what is not about the client is false where the code is not this client's. */
export type CodeFacts = ClientFacts & {
  readonly codeFound: boolean;
  readonly spent: boolean;
  readonly expired: boolean;
  readonly userDisabled: boolean;
  readonly verifierMatches: boolean;
  readonly redirectUriMatches: boolean;
  readonly resourceMatches: boolean;
  readonly scopesMatch: boolean;
  readonly registration: "preregistered" | "dynamic" | "metadata_document" | null;
  readonly userId: string | null;
  readonly familyId: string | null;
};

export async function findCodeFacts(db: Database, redemption: CodeRedemption, now: Date): Promise<CodeFacts> {
  const { credential } = redemption;
  const [facts] = await db.read<CodeFacts>(sql`
    with ${recallAssertion(credential)} presented as (select ${text(redemption.clientId)} as client_id)
    select ${clientFactsOf(credential, "authorization_code")}, c.registration,
      a.digest is not null as "codeFound",
      a.redeemed_at is not null as "spent",
      coalesce(a.expires_at <= ${instant(now)}, false) as "expired",
      u.disabled_at is not null as "userDisabled",
      coalesce(a.code_challenge = ${text(redemption.codeChallenge)}, false) as "verifierMatches",
      coalesce(a.redirect_uri = coalesce(${text(redemption.redirectUri)}, a.redirect_uri), false) as "redirectUriMatches",
      coalesce(r.uri = coalesce(${text(redemption.resourceUri)}, r.uri), false) as "resourceMatches",
      coalesce(coalesce(${texts(redemption.scopes)}, a.scopes) <@ a.scopes, false) as "scopesMatch",
      a.user_id as "userId", a.family_id as "familyId"
    from presented left join clients c on c.id = presented.client_id
      left join authorization_codes a on a.digest = ${bytes(redemption.digest)} and a.client_id = c.id
      left join users u on u.id = a.user_id
      left join resources r on r.id = a.resource_id`);
  if (!facts) throw new Error("a row of facts was expected");
  return facts;
}
