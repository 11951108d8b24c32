import { seal } from "../../lib/vault.ts";
import { isJoiningRule } from "../../oauth/joining.ts";
import {
  isProviderSlug,
  isScopeName,
  type ProviderDescription,
  type ProviderScope,
  providerRedirectUri,
} from "../../oauth/provider.ts";
import { PROVIDER_PRESETS } from "../../oauth/provider-presets.ts";
import { insertProvider } from "../../store/providers.ts";
import { secretPlace } from "../provider/upstream.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { describeProvider, findDescriptionProblem, findPreset } from "./describe-provider.ts";

/** What the owner says about a provider. A preset knows the rest. */
export type ProviderInput = {
  readonly slug: string;
  /** The name of its preset. Empty for none, and null for the one with the slug's name, if any. */
  readonly preset: string | null;
  readonly name: string | null;
  readonly host: string | null;
  readonly tenant: string | null;
  /** An OpenID provider without a preset, by discovery. */
  readonly issuer: string | null;
  /** Changes to the description. For plain OAuth, this is all of it. */
  readonly description: Partial<ProviderDescription>;
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
  /** Replaces the preset's scopes, if there are any. */
  readonly scopes: readonly ProviderScope[];
  readonly signsIn: boolean;
  readonly joining: readonly string[];
  readonly resources: readonly string[];
};

/** A sentence about the problem, and the part of the input that has it, if one does. */
type Problem = {
  readonly problem: string;
  readonly field?: "slug" | "preset" | "issuer" | "tenant" | "clientId" | "clientSecret" | "joining" | "scopes";
};

/** What the owner needs to know. The redirect URI has to be pasted into the provider's console. */
type AddedProvider = {
  readonly slug: string;
  readonly name: string;
  readonly redirectUri: string;
  /** The provider's quirks. Empty if there is no preset. */
  readonly oddity: string;
};

/** Adds a provider. Returns a sentence about the problem if there is one. */
export async function addProvider(
  deps: AdminDeps,
  issuer: string,
  input: ProviderInput,
): Promise<AddedProvider | Problem> {
  const problem = findInputProblem(input);
  if (problem) return problem;
  const ownHost = new URL(issuer).hostname;
  const provider = await describeProvider(deps, ownHost, input);
  if ("problem" in provider) return provider;
  const wrong = findDescriptionProblem(provider, ownHost);
  if (wrong) return { problem: wrong };
  const { slug, clientSecret, resources } = input;
  const secret = clientSecret === null ? null : await seal(deps.vault, secretPlace(slug), clientSecret);
  return (await insertProvider(deps.db, { ...provider, secret }, resources, deps.actor))
    ? { slug, name: provider.name, redirectUri: providerRedirectUri(issuer, slug), oddity: findPreset(input).oddity }
    : { problem: `There is already a provider ${slug}.`, field: "slug" };
}

function findInputProblem(input: ProviderInput): Problem | null {
  const { slug, clientId, clientSecret, joining, scopes, preset, tenant } = input;
  const about = (field: NonNullable<Problem["field"]>, problem: string): Problem => ({ problem, field });
  if (!isProviderSlug(slug))
    return about("slug", "A provider's short name has only lower-case letters, digits and hyphens, like github.");
  if (preset && !Object.hasOwn(PROVIDER_PRESETS, preset)) return about("preset", `There is no preset ${preset}.`);
  if (tenant !== null && !/^[\w.-]{1,100}$/.test(tenant))
    return about("tenant", "A tenant has to be an id or a domain.");
  if (!/^[\x21-\x7e]{1,500}$/.test(clientId))
    return about("clientId", "The client id is missing or contains characters that aren't allowed.");
  if (clientSecret !== null && !/^[\x20-\x7e]{1,2000}$/.test(clientSecret))
    return about("clientSecret", "The client secret contains characters that aren't allowed.");
  const rule = joining.find((each) => !isJoiningRule(each));
  if (rule !== undefined)
    return about(
      "joining",
      `${rule} isn't a rule like invited, domain:example.com, org:acme, team:acme/devs or subject:12345.`,
    );
  const mute = scopes.find(({ name, description }) => !isScopeName(name) || !description.trim());
  return mute ? about("scopes", `${mute.name} isn't a scope with a sentence.`) : null;
}
