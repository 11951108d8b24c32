import type { ProviderNeed } from "../../oauth/provider-needs.ts";
import type { NeededProvider } from "../../store/needed-providers.ts";

/** An account elsewhere that a server needs, as people are told of it. */
export type NeededAccount = {
  /** What the provider is called. */
  readonly provider: string;
  /** The account that is linked already, or null. */
  readonly label: string | null;
  readonly scopes: readonly DescribedScope[];
};

export type DescribedScope = {
  readonly name: string;
  readonly description: string;
  readonly broad: boolean;
  /** Whether the account that is linked doesn't have it yet. */
  readonly isNew: boolean;
};

type Offered = NeededProvider["scopes"];

/** The scopes of a provider with the owner's sentences; one that has none is told by its name. */
export const describeScopes = (
  names: readonly string[],
  offered: Offered,
  granted: readonly string[],
): DescribedScope[] =>
  names.map((name) => {
    const known = offered.find((scope) => scope.name === name);
    return {
      name,
      description: known?.description ?? name,
      broad: known?.broad ?? false,
      isNew: !granted.includes(name),
    };
  });

export const describeNeeds = (needs: readonly ProviderNeed[], providers: readonly NeededProvider[]): NeededAccount[] =>
  needs.flatMap(({ provider: slug, scopes }) => {
    const provider = providers.find((each) => each.slug === slug);
    if (!provider) return [];
    const { name, account } = provider;
    const granted = account?.state === "good" ? account.scopes : [];
    return [
      { provider: name, label: account?.label ?? null, scopes: describeScopes(scopes, provider.scopes, granted) },
    ];
  });
