import { providerRedirectUri } from "../../oauth/provider.ts";
import { listProviderAccounts, type OwnersAccount } from "../../store/linked-account-listing.ts";
import {
  type DeletedProvider,
  deleteProvider,
  type ListedProvider,
  listProviderServers,
  listProviders,
  type ProviderServer,
  updateProviderResource,
} from "../../store/providers.ts";
import { endAtProvider } from "../linked/unlink.ts";
import type { AdminDeps } from "./admin-deps.ts";

/** A provider as its owner sees it, with the redirect URI that has to be registered there. */
export type ListedOwnProvider = Omit<ListedProvider, "secret"> & { readonly redirectUri: string };

/** All providers with how much they are used, but without secrets. */
export const readProviders = async ({ db, actor }: AdminDeps, issuer: string): Promise<ListedOwnProvider[]> =>
  (await listProviders(db, actor)).map(({ secret: _, ...provider }) => ({
    ...provider,
    redirectUri: providerRedirectUri(issuer, provider.slug),
  }));

/** The people who have linked an account at a provider, and the servers that used it. */
export const readProviderAccounts = ({ db, actor }: AdminDeps, slug: string): Promise<OwnersAccount[]> =>
  listProviderAccounts(db, slug, actor);

/** Every MCP server, with whether it may use accounts at a provider. */
export const readProviderServers = ({ db, actor }: AdminDeps, slug: string): Promise<ProviderServer[]> =>
  listProviderServers(db, slug, actor);

/** Lets an MCP server use accounts at a provider, or stops it. */
export const allowProvider = (deps: AdminDeps, slug: string, resourceUri: string, allowed: boolean): Promise<boolean> =>
  updateProviderResource(deps.db, slug, resourceUri, { allowed }, deps.actor);

type RemovedProvider = {
  /** How many accounts were linked there. */
  readonly accounts: number;
  /**
   * How many of them the provider has ended. It is told about some at a time, so that the owner needn't wait for all.
   */
  readonly ended: Promise<number>;
};

const AT_ONCE = 5;

/**
 * Deletes a provider with all its identities and accounts, and asks it to end the tokens of at most `atMost` of these.
 * Null if there is none.
 */
export async function removeProvider(deps: AdminDeps, slug: string, atMost: number): Promise<RemovedProvider | null> {
  const deleted = await deleteProvider(deps.db, slug, { toEnd: atMost }, deps.actor);
  return deleted && { accounts: deleted.accounts, ended: endAll(deps, deleted) };
}

async function endAll(deps: AdminDeps, { provider, toEnd }: DeletedProvider): Promise<number> {
  let ended = 0;
  for (let n = 0; n < toEnd.length; n += AT_ONCE) {
    const some = toEnd.slice(n, n + AT_ONCE).map((account) => endAtProvider(deps, { account, provider }));
    ended += (await Promise.all(some)).filter(Boolean).length;
  }
  return ended;
}
