import { seal } from "../../lib/vault.ts";
import { isJoiningRule } from "../../oauth/joining.ts";
import {
  isProviderSlug,
  PLAIN_DESCRIPTION,
  type Provider,
  type ProviderDescription,
  type ProviderScope,
  providerRedirectUri,
} from "../../oauth/provider.ts";
import { endpointsOf, findEndpointProblem } from "../../oauth/provider-endpoint.ts";
import { fillIn, PROVIDER_PRESETS, type ProviderPreset } from "../../oauth/provider-presets.ts";
import { listProviderAccounts, type OwnersAccount } from "../../store/account-listing.ts";
import {
  deleteProvider,
  insertProvider,
  type ListedProvider,
  listProviders,
  updateProviderResource,
} from "../../store/providers.ts";
import { discoverProvider } from "../provider/discover.ts";
import { secretPlace } from "../provider/upstream.ts";
import type { AdminDeps } from "./admin-deps.ts";

/** What the owner says of a provider; a preset knows the rest. */
export type ProviderInput = {
  readonly slug: string;
  /** Its preset, by name; null for the one that the slug names, if any. */
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

const CUSTOM: ProviderPreset = {
  name: "",
  kind: "oauth2",
  issuer: "",
  host: null,
  description: {},
  scopes: [],
  registerAt: "",
  oddity: "",
};

/** What the owner has to know: the redirect URI is to be pasted into the provider's console. */
export type AddedProvider = { readonly slug: string; readonly name: string; readonly redirectUri: string };

/** Adds a provider. Answers with the problem, in a sentence, where something won't do. */
export async function addProvider(
  deps: AdminDeps,
  issuer: string,
  input: ProviderInput,
): Promise<AddedProvider | Problem> {
  const problem = findInputProblem(input);
  if (problem) return { problem };
  const provider = await describe(deps, input);
  if ("problem" in provider) return provider;
  const wrong = findDescriptionProblem(provider, new URL(issuer).hostname);
  if (wrong) return { problem: wrong };
  const { slug, clientSecret, resources } = input;
  const secret = clientSecret === null ? null : await seal(deps.vault, secretPlace(slug), clientSecret);
  return (await insertProvider(deps.db, { ...provider, secret }, resources, deps.actor))
    ? { slug, name: provider.name, redirectUri: providerRedirectUri(issuer, slug) }
    : { problem: `There is a provider ${slug} already.` };
}

function findInputProblem({ slug, clientId, clientSecret, joining, scopes, preset }: ProviderInput): string | null {
  if (!isProviderSlug(slug)) return "A provider is called by lower-case letters, digits and hyphens: github.";
  if (preset !== null && !Object.hasOwn(PROVIDER_PRESETS, preset)) return `There is no preset ${preset}.`;
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

async function describe(deps: AdminDeps, input: ProviderInput): Promise<Provider | Problem> {
  const preset = findPreset(input);
  const names = namesOf(input, preset);
  const issuer = input.issuer ?? fillIn(preset.issuer, names);
  const kind = input.issuer === null ? preset.kind : "openid";
  if (issuer.includes("{tenant}")) return { problem: `${preset.name} needs --tenant.` };
  const found = kind === "openid" ? await discoverProvider(deps, issuer) : null;
  if (found && !found.ok) return { problem: `${issuer} could not be discovered: it ${found.problem}.` };
  const description = {
    ...PLAIN_DESCRIPTION,
    ...{ authorizationEndpoint: "", tokenEndpoint: "" },
    ...(found ? { ...OPENID, ...found.value } : {}),
    ...fillIn({ ...preset.description, ...(input.host === null ? {} : preset.elsewhere) }, names),
    ...input.description,
    ...(input.clientSecret === null ? { authentication: "none" as const } : {}),
  };
  return {
    slug: input.slug,
    name: input.name ?? (preset.name || input.slug),
    kind,
    issuer: issuer || description.authorizationEndpoint,
    clientId: input.clientId,
    description,
    scopes: input.scopes.length > 0 ? input.scopes : preset.scopes,
    signsIn: input.signsIn,
    joining: input.joining,
  };
}

const OPENID = { signInScopes: ["openid", "email"], accountScopes: ["openid"] };

function findPreset({ preset, issuer, slug }: ProviderInput): ProviderPreset {
  const name = preset ?? (issuer === null ? slug : "");
  return (Object.hasOwn(PROVIDER_PRESETS, name) ? PROVIDER_PRESETS[name] : undefined) ?? CUSTOM;
}

function namesOf({ host, tenant }: ProviderInput, preset: ProviderPreset): Record<string, string> {
  const where = host ?? preset.host;
  return {
    ...(where === null ? {} : { host: where.replace(/\/$/, "") }),
    ...(tenant === null ? {} : { tenant }),
  };
}

/** What of a description won't do, in a sentence. */
export function findDescriptionProblem({ kind, description, name }: Provider, ownHost: string): string | null {
  if (!description.authorizationEndpoint || !description.tokenEndpoint)
    return "Without a preset or an issuer, say --authorization-endpoint and --token-endpoint.";
  if (kind === "oauth2" && !description.userEndpoint)
    return "Plain OAuth needs --user-endpoint, which says who somebody is.";
  if (kind === "openid" && !description.jwksUri) return `${name} names no keys for its ID tokens.`;
  for (const endpoint of endpointsOf(description)) {
    const problem = findEndpointProblem(endpoint, ownHost);
    if (problem) return `${endpoint} ${problem}.`;
  }
  return null;
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

/** Lets an MCP server use accounts at a provider, or does so no more. */
export const allowProvider = (deps: AdminDeps, slug: string, resourceUri: string, allowed: boolean): Promise<boolean> =>
  updateProviderResource(deps.db, slug, resourceUri, { allowed }, deps.actor);

/** Forgets a provider, with all identities and accounts there. */
export const removeProvider = (deps: AdminDeps, slug: string): Promise<boolean> =>
  deleteProvider(deps.db, slug, deps.actor);
