import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { auditColumns } from "./audit-events.ts";
import { CONNECT_SECONDS } from "./connect-requests.ts";
import type { Database } from "./database.ts";
import { accountAsJson, type LinkedAccount } from "./linked-accounts.ts";
import { providerAsJson, type StoredProvider } from "./providers.ts";
import { bytea, minus, plus, text, textArray, timestamptz } from "./sql.ts";

export type AccountTokenRequest = {
  readonly credentialDigest: Digest;
  /** The short id of the resource; null where the credential alone names it. */
  readonly resourceId: string | null;
  /** The token that the resource was called with; null for what can't be one. */
  readonly tokenDigest: Digest | null;
  readonly provider: string;
  /** null for all that the token's scopes need there. */
  readonly scopes: readonly string[] | null;
  /** The digest of a link, which is made where the person has to do something first. */
  readonly linkDigest: Digest;
};

/** What the exchange found; `usable` alone says that the token may be given. */
export type AccountTokenFacts = {
  readonly tokenActive: boolean;
  readonly hasPerson: boolean;
  readonly providerAllowed: boolean;
  readonly needed: readonly string[];
  readonly withinNeeds: boolean;
  readonly usable: boolean;
  readonly linkMade: boolean;
  readonly provider: StoredProvider | null;
  readonly account: LinkedAccount | null;
};

/**
 * Finds the account whose token a resource asks for with the token that it was called with (RFC 8693 §2.1), and decides: the
 * token is live and for this resource, its scopes need this provider, the owner and the person allow it, the account is good
 * and has what is asked. Where a person could mend it, a link for them is made. null if the credential is nobody's.
 */
export async function findAccountToken(
  db: Database,
  request: AccountTokenRequest,
  actor: Actor,
): Promise<AccountTokenFacts | null> {
  const { now } = actor;
  const [facts] = await db.run<AccountTokenFacts>(sql`
    with recursive caller as (
      select r.id from introspection_credentials i join resources r on r.id = i.resource_id
      where i.digest = ${bytea(request.credentialDigest)} and r.id = coalesce(${text(request.resourceId)}, r.id)),
    token as (
      select f.id as family_id, f.user_id, f.client_id, caller.id as resource_id,
        array(select s from unnest(t.scopes) s where s = any(f.scopes)) as scopes
      from caller join access_tokens t on t.digest = ${bytea(request.tokenDigest)}
        join token_families f on f.id = t.family_id and f.resource_id = caller.id
        left join users u on u.id = f.user_id join clients c on c.id = f.client_id
      where t.expires_at > ${timestamptz(now)} and t.revoked_at is null and f.revoked_at is null
        and u.disabled_at is null and c.disabled_at is null),
    granted (name) as (
      select unnest(scopes) from token
      union
      select i.name from granted g join token on true
        join scopes s on s.resource_id = token.resource_id and s.name = g.name, unnest(s.implies) i(name)),
    need as (
      select array(
        select distinct n.scope from granted g join token on true
          join scopes s on s.resource_id = token.resource_id and s.name = g.name,
          jsonb_array_elements_text(s.needs -> ${text(request.provider)}) n(scope) order by 1) as scopes),
    asked as (select coalesce(${textArray(request.scopes)}, need.scopes) as scopes, need.scopes as needed from need),
    provider as (
      select p.* from providers p join provider_resources a on a.provider = p.slug join caller on caller.id = a.resource_id
      where p.slug = ${text(request.provider)}),
    account as (
      select l.*, g.scopes as allowed_scopes
      from token join provider on true join linked_accounts l on l.user_id = token.user_id and l.provider = provider.slug
        left join account_grants g on g.account_id = l.id and g.resource_id = token.resource_id),
    admitted as (
      select token.* from token, provider, asked
      where token.user_id is not null and cardinality(asked.scopes) > 0 and asked.scopes <@ asked.needed),
    usable as (
      select account.id, admitted.* from admitted, account, asked
      where account.state = 'good' and asked.scopes <@ account.allowed_scopes and asked.scopes <@ account.scopes),
    used as (
      update account_grants g set last_used_at = ${timestamptz(now)} from usable
      where g.account_id = usable.id and g.resource_id = usable.resource_id
        and (g.last_used_at is null or g.last_used_at < ${minus(now, 300)})
      returning ${auditColumns({
        userId: sql`usable.user_id`,
        clientId: sql`usable.client_id`,
        resourceId: sql`usable.resource_id`,
        familyId: sql`usable.family_id`,
      })}),
    -- One an hour, family and provider: what a server does all day long doesn't fill the log.
    audit as (
      insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details, counted_since, bucket)
      select ${timestamptz(now)}, 'account_used', user_id, client_id, resource_id, family_id, ${text(actor.address)},
        jsonb_build_object('provider', ${text(request.provider)}), date_trunc('hour', ${timestamptz(now)}, 'UTC'),
        sha256(convert_to(jsonb_build_array(family_id, ${text(request.provider)})::text, 'UTF8'))
      from used on conflict (name, counted_since, bucket) where bucket is not null do nothing),
    -- What the link refers to may be going just now.
    parties as (
      select u.id as user_id, c.id as client_id, r.id as resource_id, p.slug as provider
      from admitted join users u on u.id = admitted.user_id join clients c on c.id = admitted.client_id
        join resources r on r.id = admitted.resource_id join providers p on p.slug = ${text(request.provider)}
      where not exists (select from usable) for key share of u, c, r, p),
    link as (
      insert into connect_requests (digest, user_id, client_id, resource_id, provider, scopes, created_at, expires_at)
      select ${bytea(request.linkDigest)}, parties.user_id, parties.client_id, parties.resource_id, parties.provider,
        asked.needed, ${timestamptz(now)}, ${plus(now, CONNECT_SECONDS)}
      from parties, asked
      returning true)
    select exists (select from token) as "tokenActive", coalesce((select user_id is not null from token), false) as "hasPerson",
      exists (select from provider) as "providerAllowed", asked.needed,
      asked.scopes <@ asked.needed as "withinNeeds", exists (select from usable) as "usable",
      exists (select from link) as "linkMade",
      (select ${providerAsJson} from provider p) as "provider", (select ${accountAsJson} from account l) as "account"
    from caller, asked`);
  return facts ?? null;
}
