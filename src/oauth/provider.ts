/** A scope of a provider that may be requested. */
export type ProviderScope = {
  readonly name: string;
  /** What it lets a server do there, in words for the person who is asked. */
  readonly description: string;
  /** Whether a reviewer would call it more than most servers need. */
  readonly broad: boolean;
};

/** Where a provider's user endpoint puts each fact about a person. A dot goes down a level. */
type UserMembers = {
  /** A stable id: never an email address, and never a name that could later be somebody else's. */
  readonly subject: string;
  readonly label: string;
  readonly email: string | null;
};

/** The ways to send a client secret to the token endpoint (RFC 6749 §2.3.1): in a header, or in the body. */
export const SECRET_METHODS = ["client_secret_basic", "client_secret_post"] as const;
type SecretMethod = (typeof SECRET_METHODS)[number];

/** How to speak to an upstream authorization server: its endpoints and its quirks. */
export type ProviderDescription = {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** The address of its keys, for ID tokens. */
  readonly jwksUri: string | null;
  /** The endpoint that says who the person is, if no ID token does. */
  readonly userEndpoint: string | null;
  readonly revocationEndpoint: string | null;
  /**
   * The endpoint that lists a person's addresses and whether each is verified, in GitHub's format. Null if there is
   * none.
   */
  readonly emailsEndpoint: string | null;
  /** Whether it puts `iss` into its answers (RFC 9207). */
  readonly sendsIssuer: boolean;
  readonly idTokenAlgorithms: readonly string[];
  /** Whether its ID tokens say when the person signed in, if they are asked for it (`auth_time`). */
  readonly tellsSignInTime: boolean;
  readonly authentication: SecretMethod | "none";
  /** Extra parameters of every authorization request. */
  readonly authorizeParams: Readonly<Record<string, string>>;
  /** Scopes that are requested to identify the person, and those that come with every account. */
  readonly signInScopes: readonly string[];
  readonly accountScopes: readonly string[];
  /** The parameter that names scopes, and the separator between them. */
  readonly scopeParameter: string;
  readonly scopeSeparator: string;
  /** The member of a token answer that holds the person's token, if it isn't the answer itself. */
  readonly tokenMember: string | null;
  /** The query for a user endpoint that speaks GraphQL. */
  readonly userQuery: string | null;
  readonly userMembers: UserMembers;
  readonly revocation: "rfc7009" | "github" | "none";
};

export type Provider = {
  readonly slug: string;
  readonly name: string;
  readonly kind: "openid" | "oauth2";
  /** Compared with the issuer in its ID tokens and answers. */
  readonly issuer: string;
  readonly clientId: string;
  readonly description: ProviderDescription;
  readonly scopes: readonly ProviderScope[];
  readonly signsIn: boolean;
  /** The rules for who may become a member by signing in there, see `oauth/joining.ts`. */
  readonly joining: readonly string[];
};

/** The defaults that most authorization servers share. */
export const PLAIN_DESCRIPTION = {
  jwksUri: null,
  userEndpoint: null,
  revocationEndpoint: null,
  emailsEndpoint: null,
  sendsIssuer: false,
  idTokenAlgorithms: ["RS256"],
  tellsSignInTime: false,
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

/** Whether `readMember` can follow it: names joined by dots. */
export const isMemberPath = (text: string): boolean => text.length <= 200 && /^[\w-]+(?:\.[\w-]+)*$/.test(text);

const SLUG = /^[a-z][a-z0-9-]{0,31}$/;

export const isProviderSlug = (text: string): boolean => SLUG.test(text);

/**
 * The redirect URI that a provider knows. Each provider has its own, so that an answer can't be mistaken for another
 * provider's (RFC 9700 §4.4).
 */
export const providerRedirectUri = (issuer: string, slug: string): string => `${issuer}/callback/${slug}`;

/**
 * The scopes that a token answer grants: those that it names, or those that were requested if it names none (RFC 6749
 * §5.1). Some providers separate them with commas.
 */
export const grantedScopes = (scope: unknown, asked: readonly string[]): string[] =>
  typeof scope === "string" ? [...new Set(scope.split(/[\s,]+/).filter((name) => name !== ""))] : [...asked];

/** Visible ASCII (RFC 6750 §2.1): anything else could break out of the header that it is put in. */
export const isUsableToken = (token: unknown): token is string =>
  typeof token === "string" && token.length <= 8192 && /^[\x21-\x7e]+$/.test(token);

/** A scope as RFC 6749 §3.3 writes it. */
export const isScopeName = (name: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]{1,300}$/.test(name);

/** An id that a row can hold and that looks like no other: without control and invisible characters. */
export const isUsableSubject = (subject: string): boolean => /^\P{C}{1,255}$/u.test(subject);

/**
 * An email address that a provider says is verified, in lower case. Null unless it is written in ASCII, as all addresses
 * here are: the lower case of other letters can be somebody else's address.
 */
export const readAddress = (value: unknown): string | null =>
  typeof value === "string" && /^[\x21-\x7e]{1,320}$/.test(value) && value.includes("@") ? value.toLowerCase() : null;

/** The value at a dotted path in a JSON value, as text. Null if it isn't text or a number. */
export function readMember(json: unknown, path: string | null): string | null {
  let value = path === null ? null : json;
  for (const name of path?.split(".") ?? []) {
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : null;
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
