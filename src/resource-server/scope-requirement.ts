/** One scope, or several of which one is enough. */
export type ScopeRequirement = string | { readonly anyOf: readonly [string, ...string[]] };

/** Any of these scopes is enough. A challenge asks for the first, so name the least powerful one first. */
export const anyOf = (...scopes: [string, ...string[]]): ScopeRequirement => ({ anyOf: scopes });

/** Whether a token with these scopes has everything that is required. */
export const satisfies = (scopes: readonly string[], required: readonly ScopeRequirement[]): boolean =>
  required.every((each) =>
    typeof each === "string" ? scopes.includes(each) : each.anyOf.some((scope) => scopes.includes(scope)),
  );

/** The scope that a challenge asks for (RFC 6750 §3, `scope`). It can't express "or". */
export const scopesToAskFor = (required: readonly ScopeRequirement[]): string[] => [
  ...new Set(required.map((each) => (typeof each === "string" ? each : each.anyOf[0]))),
];
