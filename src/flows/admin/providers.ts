import { seal } from "../../lib/vault.ts";
import { isJoiningRule } from "../../oauth/joining.ts";
import {
  isProviderSlug,
  type ProviderDescription,
  type ProviderScope,
  providerRedirectUri,
} from "../../oauth/provider.ts";
import { PROVIDER_PRESETS } from "../../oauth/provider-presets.ts";
import { listProviderAccounts, type OwnersAccount } from "../../store/account-listing.ts";
import {
  type DeletedProvider,
  deleteProvider,
  insertProvider,
  type ListedProvider,
  listProviderServers,
  listProviders,
  type ProviderServer,
  updateProviderResource,
} from "../../store/providers.ts";
import { endAtProvider } from "../linked/unlink.ts";
import { secretPlace } from "../provider/upstream.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { describeProvider, findDescriptionProblem, findPreset } from "./describe-provider.ts";

/** What the owner says of a provider; a preset knows the rest. */
export type ProviderInput = {
  readonly slug: string;
  /** Its preset, by name; empty for none, null for the one that the slug names, if any. */
  readonly preset: string | null;
  readonly name: string | null;
  readonly host: string | null;
  readonly tenant: string | null;
  /** An OpenID provider that no preset knows, by discovery. */
  readonly issuer: string | null;
  /** What of the description is otherwise, for plain OAuth all of it. */
  readonly description: Partial<ProviderDescription>;
  readonly clientId: string;
  /** null for a public client. */
  readonly clientSecret: string | null;
  /** In place of those of the preset, where there are any. */
  readonly scopes: readonly ProviderScope[];
  readonly signsIn: boolean;
  readonly joining: readonly string[];
  readonly resources: readonly string[];
};

type Problem = { readonly problem: string };

/** What the owner has to know: the redirect URI is to be pasted into the provider's console. */
export type AddedProvider = {
  readonly slug: string;
  readonly name: string;
  readonly redirectUri: string;
  /** What is odd about it; empty where no preset says. */
  readonly oddity: string;
};

/** Adds a provider. Answers with the problem, in a sentence, where something won't do. */
export async function addProvider(
  deps: AdminDeps,
  issuer: string,
  input: ProviderInput,
): Promise<AddedProvider | Problem> {
  const problem = findInputProblem(input);
  if (problem) return { problem };
  const ownHost = new URL(issuer).hostname;
  const provider = await describeProvider(deps, ownHost, input);
  if ("problem" in provider) return provider;
  const wrong = findDescriptionProblem(provider, ownHost);
  if (wrong) return { problem: wrong };
  const { slug, clientSecret, resources } = input;
  const secret = clientSecret === null ? null : await seal(deps.vault, secretPlace(slug), clientSecret);
  return (await insertProvider(deps.db, { ...provider, secret }, resources, deps.actor))
    ? { slug, name: provider.name, redirectUri: providerRedirectUri(issuer, slug), oddity: findPreset(input).oddity }
    : { problem: `There is a provider ${slug} already.` };
}

function findInputProblem({ slug, clientId, clientSecret, joining, scopes, preset, tenant }: ProviderInput) {
  if (!isProviderSlug(slug)) return "A provider is called by lower-case letters, digits and hyphens: github.";
  if (preset && !Object.hasOwn(PROVIDER_PRESETS, preset)) return `There is no preset ${preset}.`;
  if (tenant !== null && !/^[\w.-]{1,100}$/.test(tenant)) return "A tenant is told by its id or its domain.";
  if (!/^[\x21-\x7e]{1,500}$/.test(clientId)) return "The client id is missing or has characters that it can't have.";
  if (clientSecret !== null && !/^[\x20-\x7e]{1,2000}$/.test(clientSecret))
    return "The client secret has characters that it can't have.";
  const rule = joining.find((each) => !isJoiningRule(each));
  if (rule !== undefined)
    return `${rule} is no rule: invited, domain:example.com, org:acme, team:acme/devs or subject:12345.`;
  const mute = scopes.find(
    ({ name, description }) => !/^[\x21\x23-\x5b\x5d-\x7e]{1,300}$/.test(name) || !description.trim(),
  );
  return mute ? `${mute.name} is no scope with a sentence.` : null;
}

/** A provider as its owner sees it, with the redirect URI that it has to know. */
export type ListedOwnProvider = Omit<ListedProvider, "secret"> & { readonly redirectUri: string };

/** All providers, with what is used of them; never a secret. */
export const readProviders = async ({ db, actor }: AdminDeps, issuer: string): Promise<ListedOwnProvider[]> =>
  (await listProviders(db, actor)).map(({ secret: _, ...provider }) => ({
    ...provider,
    redirectUri: providerRedirectUri(issuer, provider.slug),
  }));

/** Who has linked what at a provider, and which servers used it. */
export const readProviderAccounts = ({ db, actor }: AdminDeps, slug: string): Promise<OwnersAccount[]> =>
  listProviderAccounts(db, slug, actor);

/** Every MCP server, with whether it may use accounts at a provider. */
export const readProviderServers = ({ db, actor }: AdminDeps, slug: string): Promise<ProviderServer[]> =>
  listProviderServers(db, slug, actor);

/** Lets an MCP server use accounts at a provider, or does so no more. */
export const allowProvider = (deps: AdminDeps, slug: string, resourceUri: string, allowed: boolean): Promise<boolean> =>
  updateProviderResource(deps.db, slug, resourceUri, { allowed }, deps.actor);

export type RemovedProvider = {
  /** How many accounts were linked there. */
  readonly accounts: number;
  /** How many of them the provider has ended. It is told some at a time, and nothing waits for it that needn't. */
  readonly ended: Promise<number>;
};

const AT_ONCE = 5;

/** Forgets a provider, with all identities and accounts there, and tells it to end as many of these as `atMost`; null if there is none. */
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
