import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Database } from "./database.ts";
import { providerAsJson, type StoredProvider } from "./providers.ts";
import { bytea, plus, text, timestamptz } from "./sql.ts";

/**
 * What a person went to a provider for: to sign in, to add a way to sign in, or to link an account that servers may
 * use.
 */
export type StatePurpose = "sign_in" | "identity" | "account";

const STATE_SECONDS = 600;

type NewProviderState = {
  readonly digest: Digest;
  readonly provider: string;
  /** The digest of the cookie that the browser is bound to. */
  readonly browserDigest: Digest;
  readonly purpose: StatePurpose;
  readonly sealed: string;
};

/**
 * Stores the state of a trip to a provider. Null if there is no such provider, or if it was to sign somebody in and
 * doesn't.
 */
export async function insertProviderState(
  db: Database,
  state: NewProviderState,
  now: Date,
): Promise<StoredProvider | null> {
  const [row] = await db.run<{ provider: StoredProvider }>(sql`
    with provider as (
      select * from providers where slug = ${text(state.provider)} and (${text(state.purpose)} = 'account' or signs_in)
      for key share),
    state as (
      insert into provider_states (digest, provider, browser_digest, purpose, sealed, created_at, expires_at)
      select ${bytea(state.digest)}, slug, ${bytea(state.browserDigest)}, ${text(state.purpose)}, ${text(state.sealed)},
        ${timestamptz(now)}, ${plus(now, STATE_SECONDS)} from provider)
    select ${providerAsJson} as "provider" from provider p`);
  return row?.provider ?? null;
}

export type ClaimedState = {
  readonly purpose: StatePurpose;
  readonly sealed: string;
  readonly provider: StoredProvider;
};

/**
 * Claims a state for its callback, from the browser that it was made for and at its provider's redirect URI. Only the
 * first of two gets it: a second redemption of a code would make the provider revoke what the first one gave.
 */
export async function claimProviderState(
  db: Database,
  { digest, browserDigest, provider }: Pick<NewProviderState, "digest" | "browserDigest" | "provider">,
  now: Date,
): Promise<ClaimedState | null> {
  const [row] = await db.run<ClaimedState>(sql`
    with state as (
      update provider_states set claimed_at = ${timestamptz(now)}
      where digest = ${bytea(digest)} and provider = ${text(provider)} and browser_digest = ${bytea(browserDigest)}
        and claimed_at is null and expires_at > ${timestamptz(now)}
      returning provider, purpose, sealed)
    select state.purpose, state.sealed, ${providerAsJson} as "provider"
    from state join providers p on p.slug = state.provider`);
  return row ?? null;
}
