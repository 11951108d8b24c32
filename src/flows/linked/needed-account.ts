import { unionNeeds } from "../../oauth/provider-needs.ts";
import type { NeededProvider } from "../../store/needed-providers.ts";
import type { ResourceScope } from "../../store/resources.ts";

/** An account elsewhere that a server needs, as shown to people. */
export type NeededAccount = {
  /** The provider's name. */
  readonly provider: string;
  /** The linked account, or null. */
  readonly label: string | null;
  readonly scopes: readonly NeededScope[];
  /** Why the server needs more there than one would expect. */
  readonly reasons: readonly string[];
};

export type NeededScope = {
  readonly name: string;
  readonly description: string;
  readonly broad: boolean;
  /** Whether the linked account doesn't have it yet. */
  readonly isNew: boolean;
};

type Offered = NeededProvider["scopes"];

/** The scopes of a provider with the owner's sentences. One without a sentence is shown by its name. */
export const describeScopes = (names: readonly string[], offered: Offered, granted: readonly string[]): NeededScope[] =>
  names.map((name) => {
    const known = offered.find((scope) => scope.name === name);
    return {
      name,
      description: known?.description ?? name,
      broad: known?.broad ?? false,
      isNew: !granted.includes(name),
    };
  });

/** The accounts elsewhere that a server needs for these of its scopes. */
export function describeNeeds(
  offered: readonly ResourceScope[],
  scopes: readonly string[],
  providers: readonly NeededProvider[],
): NeededAccount[] {
  const allowed = providers.map(({ slug }) => slug);
  return unionNeeds(offered, scopes, allowed).flatMap(({ provider: slug, scopes: needed }) => {
    const provider = providers.find((each) => each.slug === slug);
    if (!provider) return [];
    const { name, account } = provider;
    const granted = account?.state === "good" ? account.scopes : [];
    const reasons = offered.flatMap(({ name: scope, broad }) => {
      const isAsked = scopes.includes(scope) && unionNeeds(offered, [scope], [slug]).length > 0;
      return isAsked && broad ? [broad] : [];
    });
    const described = describeScopes(needed, provider.scopes, granted);
    return [{ provider: name, label: account?.label ?? null, scopes: described, reasons }];
  });
}
