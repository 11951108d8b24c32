type OfferedScope = {
  readonly name: string;
  readonly implies: readonly string[];
  readonly needs?: Readonly<Record<string, readonly string[]>>;
};

/** What an app needs of a provider, in its scopes. */
export type ProviderNeed = { readonly provider: string; readonly scopes: string[] };

/** What each scope needs, with all that it implies: for a page whose person may untick some. */
export const needsByScope = (
  offered: readonly OfferedScope[],
  scopes: readonly string[],
  allowed: readonly string[],
): Record<string, ProviderNeed[]> =>
  Object.fromEntries(scopes.map((scope) => [scope, unionNeeds(offered, [scope], allowed)]));

/**
 * What granted scopes need of each provider, with all that they imply: the union, and no more. Providers that the resource may
 * not use are left out.
 */
export function unionNeeds(
  offered: readonly OfferedScope[],
  granted: readonly string[],
  allowed: readonly string[],
): ProviderNeed[] {
  const byName = new Map(offered.map((scope) => [scope.name, scope]));
  const names = new Set(granted);
  // A set that grows while it is walked: each scope is looked at once, so a circle ends.
  for (const name of names) for (const implied of byName.get(name)?.implies ?? []) names.add(implied);
  const needs = new Map<string, Set<string>>();
  for (const name of names) {
    for (const [provider, scopes] of Object.entries(byName.get(name)?.needs ?? {})) {
      if (allowed.includes(provider)) needs.set(provider, new Set([...(needs.get(provider) ?? []), ...scopes]));
    }
  }
  return [...needs].map(([provider, scopes]) => ({ provider, scopes: [...scopes] }));
}
