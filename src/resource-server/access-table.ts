/** What a scope lets an app do: the sentence that people read when they are asked, or an object with more. */
export type ScopeEntry<Scope extends string = string> =
  | string
  | {
      readonly description: string;
      /** Scopes that this one includes: an app that has it may do what they allow. */
      readonly implies?: readonly Scope[];
      /** Whether apps that name no scope get it, and whether the first challenge asks for it. True by default. */
      readonly default?: boolean;
      /**
       * What this server needs of accounts elsewhere, as names of providers at Gatehouse with their own scopes: `{
       * github: ["read:org"] }`. The person links the account, and `auth.accountToken("github")` returns its token.
       */
      readonly needs?: Readonly<Record<string, readonly [string, ...string[]]>>;
      /**
       * Why it needs a scope there that allows much more than most servers need. People read this when they are asked.
       */
      readonly broad?: string;
    };

/** Scopes of providers that a reviewer would question. */
const isBroadScope = (scope: string): boolean =>
  /^(?:\*|repo|public_repo|api|write|sudo|delete_repo|user)$|(?:^|[:./_-])(?:admin|all|full|full_access|\*)(?:$|[:./_-])|ReadWrite\.All$/i.test(
    scope,
  );

/** What a tool requires. */
export type ToolEntry<Scope extends string = string> = {
  /** All of them are needed. A call with fewer is answered 403, naming all of them (RFC 6750 §3.1). */
  readonly scopes: readonly [Scope, ...Scope[]];
  /** Calls a minute and user for this tool alone, beside the limit that all tools share. */
  readonly perMinute?: number;
  /** The names of arguments that audit events may contain. None by default. */
  readonly auditArguments?: readonly string[];
};

export type ScopeDefinition = {
  readonly name: string;
  readonly description: string;
  readonly implies: readonly string[];
  readonly default: boolean;
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  readonly broad?: string;
};

/** The table of who may do what, made by `defineAccess`. */
export type Access = {
  readonly scopes: readonly ScopeDefinition[];
  readonly tools: ReadonlyMap<string, ToolEntry>;
};

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/**
 * The one table that the resource metadata, the challenges, the checks and the registration at Gatehouse are made from.
 * Throws for a table that contradicts itself, so that a server with one doesn't start.
 *
 * ```ts
 * const access = defineAccess({
 *   scopes: {
 *     "weather:read": "Look up the weather",
 *     "weather:report": { description: "Report the weather", implies: ["weather:read"], default: false },
 *   },
 *   tools: {
 *     get_weather: { scopes: ["weather:read"] },
 *     report_weather: { scopes: ["weather:report"], perMinute: 5, auditArguments: ["city"] },
 *   },
 * });
 * ```
 */
export function defineAccess<const Scope extends string>(table: {
  readonly scopes: Readonly<Record<Scope, ScopeEntry<NoInfer<Scope>>>>;
  readonly tools?: Readonly<Record<string, ToolEntry<NoInfer<Scope>>>>;
}): Access {
  const scopes = Object.entries<ScopeEntry>(table.scopes).map(([name, entry]) => defineScope(name, entry));
  const tools = new Map<string, ToolEntry>(Object.entries(table.tools ?? {}));
  const problems = findProblems({ scopes, tools });
  if (problems.length > 0) throw new Error(`gatehouse: the access table won't do. ${problems.join(" ")}`);
  return { scopes, tools };
}

function defineScope(name: string, entry: ScopeEntry): ScopeDefinition {
  if (typeof entry === "string") return { name, description: entry, implies: [], default: true };
  return {
    name,
    description: entry.description,
    implies: entry.implies ?? [],
    default: entry.default ?? true,
    ...(entry.needs ? { needs: entry.needs } : {}),
    ...(entry.broad === undefined ? {} : { broad: entry.broad }),
  };
}

/** The scopes that MCP servers have in common. `resource add` gives the same to a resource without named scopes. */
export const MCP_ACCESS: Access = defineAccess({
  scopes: {
    "mcp:tools": "Use its tools",
    "mcp:resources": "Read its resources",
    "mcp:prompts": "Use its prompts",
  },
});

function findProblems({ scopes, tools }: Access): string[] {
  const known = new Set(scopes.map((scope) => scope.name));
  const missing = (by: string, names: readonly string[], verb: string) =>
    names.filter((name) => !known.has(name)).map((name) => `${by} ${verb} ${name}, which is not there.`);
  return [
    ...(scopes.some((scope) => scope.default) ? [] : ["No scope is given by default."]),
    ...scopes.filter(({ name }) => !SCOPE_TOKEN.test(name)).map(({ name }) => `${name} can't be the name of a scope.`),
    // Refresh tokens concern only clients and the authorization server (MCP authorization, scope selection).
    ...(known.has("offline_access") ? ["offline_access is no scope of a resource."] : []),
    ...scopes.filter(({ description }) => !description.trim()).map(({ name }) => `${name} has no sentence.`),
    ...scopes.flatMap(({ name, needs = {}, broad = "" }) =>
      Object.values(needs)
        .flat()
        .filter((scope) => isBroadScope(scope) && broad.trim() === "")
        .map((scope) => `${name} needs ${scope} of a provider, and doesn't say in \`broad\` why.`),
    ),
    ...scopes.flatMap(({ name, implies }) => missing(name, implies, "implies")),
    ...[...tools].flatMap(([name, { scopes: needed, perMinute = 1 }]) => [
      ...(needed.length === 0 ? [`${name} needs no scope.`] : missing(name, needed, "needs")),
      ...(Number.isInteger(perMinute) && perMinute >= 1 ? [] : [`${name} has a limit that is no whole number.`]),
    ]),
  ];
}

/** The scopes of a token with everything that they imply. A scope that the table doesn't know stays as it is. */
export function expandScopes({ scopes }: Access, granted: readonly string[]): string[] {
  const implied = new Map(scopes.map((scope) => [scope.name, scope.implies]));
  const all = new Set(granted);
  // The set grows during the loop. Each scope is visited once, so a cycle ends.
  for (const name of all) for (const other of implied.get(name) ?? []) all.add(other);
  return [...all];
}

export const defaultScopes = ({ scopes }: Access): string[] =>
  scopes.filter((scope) => scope.default).map((scope) => scope.name);

/** The contents of `gatehouse.resource.json`, for `npm run cli -- resource apply`. */
export type ResourceDocument = {
  readonly resource: string;
  readonly name: string;
  /** How many seconds an access token is good, from a minute to a day. If absent, the owner decides at Gatehouse. */
  readonly accessSeconds?: number;
  readonly scopes: readonly ScopeDefinition[];
};

/** The document that registers this table at Gatehouse. It contains no secret. */
export const resourceDocument = (access: Access, about: Omit<ResourceDocument, "scopes">): ResourceDocument => ({
  ...about,
  scopes: access.scopes,
});
