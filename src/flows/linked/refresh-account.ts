import * as oauth from "oauth4webapi";
import type { Deps } from "../../deps.ts";
import { createSingleFlight } from "../../lib/single-flight.ts";
import {
  findLinkedAccountById,
  type LinkedAccount,
  leaseAccount,
  releaseAccount,
  updateAccountNeedsSignIn,
  updateAccountTokens,
} from "../../store/linked-accounts.ts";
import type { StoredProvider } from "../../store/providers.ts";
import { recordProviderFailure } from "../provider/callback.ts";
import { type ProviderTokens, readTokens } from "../provider/redeem.ts";
import { revokeAtProvider } from "../provider/revoke.ts";
import { attemptUpstream, openUpstream, type Upstream, type UpstreamFailure } from "../provider/upstream.ts";
import { type AccountSecret, openAccount, sealAccount } from "./account-secret.ts";

/** An account whose token can be given out now. `gone` if the person has to sign in there again, or has unlinked it. */
type FreshAccount = { readonly account: LinkedAccount; readonly secret: AccountSecret } | "unavailable" | "gone";

/** A token that expires within this time is refreshed first, since it has to outlive the call that it is for. */
const LEEWAY_MS = 60_000;
const WAIT_MS = 250;
const MAX_WAITS = 40;

const singleFlight = createSingleFlight<FreshAccount>();

export const isFreshAccount = ({ now }: Deps, { accessExpiresAt }: LinkedAccount): boolean =>
  accessExpiresAt === null || accessExpiresAt > now().getTime() + LEEWAY_MS;

/**
 * Returns an account with a live token, refreshing it at its provider if needed. However many requests ask at once, in
 * however many isolates, the provider is asked only once: a lease on the row says who asks, and the others wait for the
 * result.
 */
export const freshenAccount = (deps: Deps, provider: StoredProvider, account: LinkedAccount): Promise<FreshAccount> =>
  singleFlight(`${account.id} ${account.version}`, deps.defer, () => takeTurn(deps, provider, account));

async function takeTurn(deps: Deps, provider: StoredProvider, account: LinkedAccount): Promise<FreshAccount> {
  const secret = await openAccount(deps, account);
  if (secret.refreshToken === null) return endAccount(deps, account);
  for (let waits = 0; waits < MAX_WAITS; waits++) {
    const leaseId = crypto.randomUUID();
    if (await leaseAccount(deps.db, account, leaseId, deps.now())) {
      return refreshUnderLease(deps, provider, account, { secret, leaseId });
    }
    const current = await findLinkedAccountById(deps.db, account.id);
    if (current?.state !== "good") return "gone";
    if (current.version !== account.version) return { account: current, secret: await openAccount(deps, current) };
    await scheduler.wait(WAIT_MS);
  }
  return orLastGood(deps, account, secret);
}

type Lease = { readonly secret: AccountSecret; readonly leaseId: string };

/** The network call is outside any transaction. Its result is stored only for the version that it started from. */
async function refreshUnderLease(
  deps: Deps,
  provider: StoredProvider,
  account: LinkedAccount,
  { secret, leaseId }: Lease,
): Promise<FreshAccount> {
  const upstream = await openUpstream(deps, provider);
  const refreshed = await askTwice(upstream, secret.refreshToken ?? "", account.scopes);
  if (refreshed.ok) return writeRefreshed(deps, upstream, account, { ...secret, tokens: refreshed.value });
  const { kind, problem } = refreshed;
  recordProviderFailure(deps, provider.slug, problem, account.userId);
  if (kind === "invalid_grant") return endAccount(deps, account);
  await releaseAccount(deps.db, account.id, leaseId);
  return orLastGood(deps, account, secret);
}

/** After a lost answer it asks once more, since some providers give the same tokens again. */
async function askTwice(upstream: Upstream, refreshToken: string, scopes: readonly string[]) {
  const first = await ask(upstream, refreshToken, scopes);
  return !first.ok && first.kind === "unavailable" ? ask(upstream, refreshToken, scopes) : first;
}

const ask = (
  { server, client, authentication, options }: Upstream,
  refreshToken: string,
  scopes: readonly string[],
): Promise<{ readonly ok: true; readonly value: ProviderTokens } | UpstreamFailure> =>
  attemptUpstream(async () => {
    const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, options);
    return readTokens(await oauth.processRefreshTokenResponse(server, client, response), scopes);
  });

async function writeRefreshed(
  deps: Deps,
  upstream: Upstream,
  account: LinkedAccount,
  { refreshToken, tokens }: AccountSecret & { readonly tokens: ProviderTokens },
): Promise<FreshAccount> {
  // A provider that gives no new refresh token keeps the old one (OAuth 2.1 §4.3.3).
  const secret = { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken ?? refreshToken };
  const { id, userId, provider } = account;
  const version = account.version + 1;
  const sealed = await sealAccount(deps, { id, userId, provider, version }, secret);
  // A refresh can't add scopes (RFC 6749 §6), and the person agreed to those that were requested at first.
  const scopes = tokens.scopes.filter((scope) => account.scopes.includes(scope));
  const written = { secret: sealed, scopes, expiresInSeconds: tokens.expiresInSeconds };
  if (await updateAccountTokens(deps.db, account, written, deps.now())) {
    const { expiresInSeconds } = tokens;
    const accessExpiresAt = expiresInSeconds === null ? null : deps.now().getTime() + expiresInSeconds * 1000;
    return { account: { ...account, version, scopes, secret: sealed, accessExpiresAt }, secret };
  }
  // The account was unlinked or linked again while the provider was asked. Nobody will use these tokens, so they are
  // ended.
  await revokeAtProvider(upstream, secret);
  return "gone";
}

async function endAccount(deps: Deps, account: LinkedAccount): Promise<"gone"> {
  await updateAccountNeedsSignIn(deps.db, account, deps.actor);
  return "gone";
}

const orLastGood = ({ now }: Deps, account: LinkedAccount, secret: AccountSecret): FreshAccount =>
  (account.accessExpiresAt ?? 0) > now().getTime() ? { account, secret } : "unavailable";
