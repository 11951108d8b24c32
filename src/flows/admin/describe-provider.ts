import {
  isMemberPath,
  PLAIN_DESCRIPTION,
  type Provider,
  type ProviderDescription,
  type ProviderScope,
} from "../../oauth/provider.ts";
import { endpointsOf, findDiscoveredProblem, findEndpointProblem } from "../../oauth/provider-endpoint.ts";
import { fillIn, PROVIDER_PRESETS, type ProviderPreset } from "../../oauth/provider-presets.ts";
import { discoverProvider } from "../provider/discover.ts";
import type { AdminDeps } from "./admin-deps.ts";
import type { ProviderInput } from "./new-provider.ts";

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

/** Combines what the owner gives, a preset knows and discovery says, or returns what is missing. */
export async function describeProvider(
  deps: AdminDeps,
  ownHost: string,
  input: ProviderInput,
): Promise<Provider | { readonly problem: string; readonly field?: "tenant" | "issuer" }> {
  const preset = findPreset(input);
  const names = namesOf(input, preset);
  const issuer = input.issuer ?? fillIn(preset.issuer, names);
  const kind = input.issuer === null ? preset.kind : "openid";
  if (issuer.includes("{tenant}")) return { problem: `${preset.name} needs a tenant.`, field: "tenant" };
  const unusable = kind === "openid" ? findEndpointProblem(issuer, ownHost) : null;
  if (unusable) return aboutIssuer(input, `${issuer} ${unusable}.`);
  const found = kind === "openid" ? await discoverProvider(deps, issuer) : null;
  if (found && !found.ok) return aboutIssuer(input, `${issuer} could not be discovered: it ${found.problem}.`);
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

/** If the owner named no issuer, it is the preset's, and nothing that was typed is wrong. */
const aboutIssuer = (input: ProviderInput, problem: string) =>
  input.issuer === null ? { problem } : ({ problem, field: "issuer" } as const);

const OPENID = { signInScopes: ["openid", "email"], accountScopes: ["openid"] };

export function findPreset({ preset, issuer, slug }: ProviderInput): ProviderPreset {
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

/** What is wrong with a description, in a sentence. */
export function findDescriptionProblem(provider: Provider, ownHost: string): string | null {
  const { kind, description, name, issuer } = provider;
  if (!description.authorizationEndpoint || !description.tokenEndpoint)
    return "Without a preset or an issuer, a provider needs an authorization endpoint and a token endpoint.";
  if (kind === "oauth2" && !description.userEndpoint)
    return "Plain OAuth needs a user endpoint, which says who somebody is.";
  const { subject, label } = description.userMembers;
  if (!isMemberPath(subject) || !isMemberPath(label))
    return "The id and the name in the user endpoint's answer are given as a name, or as names joined by dots, such as data.id.";
  if (kind === "openid" && !description.jwksUri) return `${name} publishes no keys for its ID tokens.`;
  for (const endpoint of endpointsOf(description)) {
    const problem =
      kind === "openid" ? findDiscoveredProblem(endpoint, issuer, ownHost) : findEndpointProblem(endpoint, ownHost);
    if (problem) return `${endpoint} ${problem}.`;
  }
  return null;
}

/** What an owner says of a provider. For what is null, a preset or discovery has the answer, or the defaults. */
type GivenDescription = {
  readonly authorizationEndpoint: string | null;
  readonly tokenEndpoint: string | null;
  readonly userEndpoint: string | null;
  readonly revocationEndpoint: string | null;
  /** Where the user endpoint's answer has the stable id and the name. */
  readonly userId: string | null;
  readonly userName: string | null;
  readonly authentication: ProviderDescription["authentication"] | null;
};

export function describeGiven({ userId, userName, ...given }: GivenDescription): Partial<ProviderDescription> {
  const { userMembers } = PLAIN_DESCRIPTION;
  const members = { ...userMembers, subject: userId ?? userMembers.subject, label: userName ?? userMembers.label };
  return {
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== null),
    ) as Partial<ProviderDescription>),
    ...(userId === null && userName === null ? {} : { userMembers: members }),
    ...(given.revocationEndpoint === null ? {} : { revocation: "rfc7009" }),
  };
}

/** Reads a scope written as `name=sentence`, with an exclamation mark before a broad one. Null for anything else. */
export function readProviderScope(typed: string): ProviderScope | null {
  const [, mark, name = "", description = ""] = /^(!?)([^=]+)=(.+)$/s.exec(typed.trim()) ?? [];
  return name ? { name: name.trim(), description: description.trim(), broad: mark === "!" } : null;
}
