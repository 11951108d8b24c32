import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Sealed } from "../lib/vault.ts";
import { type Actor, authorizedUser } from "./actor.ts";
import { auditColumns, auditEach, recorded } from "./audit-events.ts";
import { allowUse } from "./connect-links.ts";
import type { Database } from "./database.ts";
import { bytea, integer, milliseconds, plus, text, textArray, timestamptz, uuid } from "./sql.ts";

/** An account with its tokens, sealed. */
export type LinkedAccount = {
  readonly id: string;
  readonly userId: string;
  readonly provider: string;
  readonly subject: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly secret: Sealed;
  /** Milliseconds since 1970. Null if the provider doesn't say. */
  readonly accessExpiresAt: number | null;
  readonly version: number;
  readonly state: "good" | "needs_sign_in";
};

/** An account as one JSON value, from `linked_accounts l`. */
export const accountAsJson: SQL = sql`jsonb_build_object('id', l.id, 'userId', l.user_id, 'provider', l.provider,
  'subject', l.subject, 'label', l.label, 'scopes', to_jsonb(l.scopes), 'version', l.version, 'state', l.state,
  'secret', jsonb_build_object('sealed', l.sealed, 'wrappedKey', l.wrapped_key, 'keyVersion', l.key_version),
  'accessExpiresAt', ${milliseconds(sql`l.access_expires_at`)})`;

export async function findLinkedAccount(db: Database, userId: string, provider: string): Promise<LinkedAccount | null> {
  const [row] = await db.read<{ account: LinkedAccount }>(sql`
    select ${accountAsJson} as "account" from linked_accounts l
    where l.user_id = ${uuid(userId)} and l.provider = ${text(provider)}`);
  return row?.account ?? null;
}

/** The tokens of an account, sealed for a version of its row. */
type SealedTokens = {
  readonly secret: Sealed;
  readonly scopes: readonly string[];
  readonly expiresInSeconds: number | null;
};

type AccountToStore = SealedTokens & {
  readonly id: string;
  /** The version that these tokens replace. Null for an account that isn't there yet. */
  readonly replaces: number | null;
  readonly subject: string;
  readonly label: string;
};

const expiry = (now: Date, seconds: number | null): SQL =>
  seconds === null ? sql`null::timestamptz` : plus(now, seconds);

const setTokens = (tokens: SealedTokens, now: Date): SQL => sql`
  sealed = ${text(tokens.secret.sealed)}, wrapped_key = ${text(tokens.secret.wrappedKey)},
  key_version = ${text(tokens.secret.keyVersion)}, scopes = ${textArray(tokens.scopes)},
  access_expires_at = ${expiry(now, tokens.expiresInSeconds)}, version = l.version + 1, lease_id = null, lease_until = null,
  state = 'good'`;

/**
 * Stores an account for the acting person, spends the state that led there and the link that asked for it, and lets the
 * link's resource use it. False, without any of that, if the state or link is spent or the account changed meanwhile.
 */
export async function storeLinkedAccount(
  db: Database,
  {
    stateDigest,
    linkDigest,
    account,
  }: {
    readonly stateDigest: Digest;
    readonly linkDigest: Digest;
    readonly account: AccountToStore;
  },
  actor: Actor,
): Promise<boolean> {
  const { now } = actor;
  const written =
    account.replaces === null
      ? sql`insert into linked_accounts (id, user_id, provider, subject, label, scopes, sealed, wrapped_key, key_version,
            access_expires_at, created_at)
          select ${uuid(account.id)}, user_id, provider, ${text(account.subject)}, ${text(account.label)},
            ${textArray(account.scopes)}, ${text(account.secret.sealed)}, ${text(account.secret.wrappedKey)},
            ${text(account.secret.keyVersion)}, ${expiry(now, account.expiresInSeconds)}, ${timestamptz(now)} from ready
          on conflict do nothing returning id, user_id`
      : sql`update linked_accounts l set ${setTokens(account, now)}, label = ${text(account.label)} from ready
          where l.id = ${uuid(account.id)} and l.user_id = ready.user_id and l.version = ${integer(account.replaces)}
            and l.subject = ${text(account.subject)}
          returning l.id, l.user_id`;
  const rows = await db.run(sql`
    with person as (select id from users where id = ${authorizedUser(actor)} for share),
    -- Locks the rows that the account and its use refer to, before the link and the state: deleting one of those rows
    -- deletes link and state too.
    parties as (
      select r.id, p.slug
      from person join connect_requests q on q.user_id = person.id
        join resources r on r.id = q.resource_id join providers p on p.slug = q.provider
      where q.digest = ${bytea(linkDigest)} for key share of r, p),
    ready as (
      select q.user_id, q.client_id, q.resource_id, q.provider, q.scopes
      from parties join connect_requests q on q.resource_id = parties.id and q.provider = parties.slug
        join person on person.id = q.user_id
        join provider_states s on s.provider = q.provider
      where q.digest = ${bytea(linkDigest)} and q.used_at is null and q.expires_at > ${timestamptz(now)}
        and s.digest = ${bytea(stateDigest)} and s.claimed_at is not null and s.purpose = 'account'
      for update of q, s),
    account as (${written}),
    spent as (delete from provider_states s using account where s.digest = ${bytea(stateDigest)}),
    used as (
      update connect_requests q set used_at = ${timestamptz(now)} from account where q.digest = ${bytea(linkDigest)}),
    use as (
      select account.id as account_id, account.user_id, ready.resource_id,
        array(select s from unnest(ready.scopes) s where s = any(${textArray(account.scopes)})) as scopes
      from account, ready),
    ${allowUse(sql`use`, actor)},
    audit as (${auditEach(
      "account_linked",
      sql`(select ${auditColumns({ userId: sql`user_id`, resourceId: sql`resource_id` })} from use) a`,
      actor,
    )})
    select account_id from use`);
  return rows.length > 0;
}

/** How long one refresh at a provider may take, including its second try. Until then, no other may begin. */
const LEASE_SECONDS = 25;

/**
 * Takes the lease on an account's tokens for a refresh. False if somebody else has it, or if the tokens have changed.
 */
export async function leaseAccount(
  db: Database,
  { id, version }: Pick<LinkedAccount, "id" | "version">,
  leaseId: string,
  now: Date,
): Promise<boolean> {
  const rows = await db.run(sql`
    update linked_accounts set lease_id = ${uuid(leaseId)}, lease_until = ${plus(now, LEASE_SECONDS)}
    where id = ${uuid(id)} and version = ${integer(version)} and state = 'good'
      and (lease_until is null or lease_until < ${timestamptz(now)})
    returning true`);
  return rows.length > 0;
}

/**
 * Stores refreshed tokens in place of the version that was refreshed. False if that was changed or unlinked meanwhile.
 */
export async function updateAccountTokens(
  db: Database,
  { id, version }: Pick<LinkedAccount, "id" | "version">,
  tokens: SealedTokens,
  now: Date,
): Promise<boolean> {
  const rows = await db.run(sql`
    update linked_accounts l set ${setTokens(tokens, now)}
    where l.id = ${uuid(id)} and l.version = ${integer(version)} returning true`);
  return rows.length > 0;
}

/** Returns the lease after a refresh that failed, perhaps only for now. */
export const releaseAccount = (db: Database, id: string, leaseId: string) =>
  db.run(sql`
    update linked_accounts set lease_id = null, lease_until = null
    where id = ${uuid(id)} and lease_id = ${uuid(leaseId)} returning true`);

/** Marks that the person has to sign in at the provider again. Leaves the tokens of other versions alone. */
export async function updateAccountNeedsSignIn(
  db: Database,
  { id, version }: Pick<LinkedAccount, "id" | "version">,
  actor: Actor,
): Promise<void> {
  await db.run(sql`
    with ${recorded("account_needs_sign_in", "account", actor)`
      update linked_accounts set state = 'needs_sign_in', lease_id = null, lease_until = null
      where id = ${uuid(id)} and version = ${integer(version)} and state = 'good'
      returning ${auditColumns({ userId: sql`user_id` })}`}
    select true from account`);
}

export async function findLinkedAccountById(db: Database, id: string): Promise<LinkedAccount | null> {
  const [row] = await db.read<{ account: LinkedAccount }>(sql`
    select ${accountAsJson} as "account" from linked_accounts l where l.id = ${uuid(id)}`);
  return row?.account ?? null;
}
