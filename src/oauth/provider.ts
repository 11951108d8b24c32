/** A scope of a provider that may be asked for. */
export type ProviderScope = {
  readonly name: string;
  /** What it lets a server do there, for the person who is asked. */
  readonly description: string;
  /** Whether a reviewer would call it more than most servers need. */
  readonly broad: boolean;
};

/** Where the members are of what a user endpoint tells of a person; a dot goes a level down. */
export type UserMembers = {
  /** A stable id: never an address, and no name that can be given to somebody else. */
  readonly subject: string;
  readonly label: string;
  readonly email: string | null;
};

/** How one speaks to an upstream authorization server: its endpoints, and what is odd about it. */
export type ProviderDescription = {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Where its keys are, for ID tokens. */
  readonly jwksUri: string | null;
  /** Who the person is, where no ID token says. */
  readonly userEndpoint: string | null;
  readonly revocationEndpoint: string | null;
  /** Addresses of the person with whether they were verified, in the way of GitHub; null where there is no such thing. */
  readonly emailsEndpoint: string | null;
  /** Whether it puts `iss` into its answers (RFC 9207). */
  readonly sendsIssuer: boolean;
  readonly idTokenAlgorithms: readonly string[];
  readonly authentication: "client_secret_basic" | "client_secret_post" | "none";
  /** What every authorization request has besides. */
  readonly authorizeParams: Readonly<Record<string, string>>;
  /** Scopes that are asked for to know who it is, and those that come with every account. */
  readonly signInScopes: readonly string[];
  readonly accountScopes: readonly string[];
  /** The parameter that names scopes, and what stands between them. */
  readonly scopeParameter: string;
  readonly scopeSeparator: string;
  /** The member of a token answer that holds the person's token, where it isn't the answer itself. */
  readonly tokenMember: string | null;
  /** The query that a user endpoint of GraphQL takes. */
  readonly userQuery: string | null;
  readonly userMembers: UserMembers;
  readonly revocation: "rfc7009" | "github" | "none";
};

export type Provider = {
  readonly slug: string;
  readonly name: string;
  readonly kind: "openid" | "oauth2";
  /** Compared with what its ID tokens and answers say. */
  readonly issuer: string;
  readonly clientId: string;
  readonly description: ProviderDescription;
  readonly scopes: readonly ProviderScope[];
  readonly signsIn: boolean;
  /** Who may become a member by signing in there: see `oauth/joining.ts`. */
  readonly joining: readonly string[];
};

/** What most authorization servers have in common. */
export const PLAIN_DESCRIPTION = {
  jwksUri: null,
  userEndpoint: null,
  revocationEndpoint: null,
  emailsEndpoint: null,
  sendsIssuer: false,
  idTokenAlgorithms: ["RS256"],
  authentication: "client_secret_basic",
  authorizeParams: {},
  signInScopes: [],
  accountScopes: [],
  scopeParameter: "scope",
  scopeSeparator: " ",
  tokenMember: null,
  userQuery: null,
  userMembers: { subject: "id", label: "login", email: null },
  revocation: "none",
} as const satisfies Partial<ProviderDescription>;

/** Whether `readMember` can follow it: names with dots between them. */
export const isMemberPath = (text: string): boolean => text.length <= 200 && /^[\w-]+(?:\.[\w-]+)*$/.test(text);

const SLUG = /^[a-z][a-z0-9-]{0,31}$/;

export const isProviderSlug = (text: string): boolean => SLUG.test(text);

/** The redirect URI that a provider knows: one of its own, so that the answer of another can't be taken for its (RFC 9700 §4.4). */
export const providerRedirectUri = (issuer: string, slug: string): string => `${issuer}/callback/${slug}`;

/**
 * The scopes that a token answer grants: what it says, or what was asked for where it says nothing (RFC 6749 §5.1). Some list
 * them with commas.
 */
export const grantedScopes = (scope: unknown, asked: readonly string[]): string[] =>
  typeof scope === "string" ? [...new Set(scope.split(/[\s,]+/).filter((name) => name !== ""))] : [...asked];

/** Visible ASCII (RFC 6750 §2.1): anything else could break out of the header that it is put in. */
export const isUsableToken = (token: unknown): token is string =>
  typeof token === "string" && token.length <= 8192 && /^[\x21-\x7e]+$/.test(token);

/** What is at a dotted path of a JSON value, as text; null for what isn't text or a number. */
export function readMember(json: unknown, path: string | null): string | null {
  let value = path === null ? null : json;
  for (const name of path?.split(".") ?? []) {
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : null;
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
