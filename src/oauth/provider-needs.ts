type OfferedScope = {
  readonly name: string;
  readonly implies: readonly string[];
  readonly needs?: Readonly<Record<string, readonly string[]>>;
};

/** The provider scopes that an app needs. */
export type ProviderNeed = { readonly provider: string; readonly scopes: string[] };

/** What each scope needs, including what it implies, for a page on which a person may untick some. */
export const needsByScope = (
  offered: readonly OfferedScope[],
  scopes: readonly string[],
  allowed: readonly string[],
): Record<string, ProviderNeed[]> =>
  Object.fromEntries(scopes.map((scope) => [scope, unionNeeds(offered, [scope], allowed)]));

/**
 * What the granted scopes need of each provider, including what they imply: their union, and no more. Leaves out
 * providers that the resource may not use.
 */
export function unionNeeds(
  offered: readonly OfferedScope[],
  granted: readonly string[],
  allowed: readonly string[],
): ProviderNeed[] {
  const byName = new Map(offered.map((scope) => [scope.name, scope]));
  const names = new Set(granted);
  // The set grows during the loop. Each scope is visited once, so a cycle ends.
  for (const name of names) for (const implied of byName.get(name)?.implies ?? []) names.add(implied);
  const needs = new Map<string, Set<string>>();
  for (const name of names) {
    for (const [provider, scopes] of Object.entries(byName.get(name)?.needs ?? {})) {
      if (allowed.includes(provider)) needs.set(provider, new Set([...(needs.get(provider) ?? []), ...scopes]));
    }
  }
  return [...needs].map(([provider, scopes]) => ({ provider, scopes: [...scopes] }));
}
