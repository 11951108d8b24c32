import { findUrlProblem } from "../lib/public-url.ts";
import * as z from "../lib/schema.ts";
import { ASSERTION_ALGORITHMS, canSignAssertion } from "./client-assertion.ts";
import { OAuthError } from "./errors.ts";
import { JWT_BEARER_GRANT, offeredGrantTypes } from "./grant-type.ts";
import { findRedirectUriProblem, isLoopbackRedirectUri } from "./redirect-uri.ts";

export type TokenEndpointAuthMethod = "none" | "client_secret_basic" | "client_secret_post" | "private_key_jwt";

/** The part of a client's metadata (RFC 7591 §2) that has an effect here. */
export type ClientMetadata = {
  readonly name: string;
  readonly clientUri: string | null;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly scope: string | null;
  readonly applicationType: "native" | "web";
  /** The method it registered, or both ways of sending a secret if it named none. */
  readonly authenticationMethods: readonly TokenEndpointAuthMethod[];
  readonly jwks: object | null;
  readonly jwksUri: string | null;
  /** Whether it gets tokens only with a proof of a key (RFC 9449 §5.2). */
  readonly dpopBound: boolean;
};

/** The parts of the configuration that decide which metadata is accepted. */
export type MetadataPolicy = {
  readonly privateUseSchemes: readonly string[];
  /** This server's host, which no client may make it fetch from. */
  readonly ownHost: string;
  /**
   * Whether the owner registers the client by hand. Then it may act in its own name, and mistakes are reported instead
   * of dropped.
   */
  readonly byOwner: boolean;
};

const names = z._default(z.array(z.string().check(z.maxLength(100))).check(z.maxLength(20)), []);

/** A public key. A client that registers a private or a symmetric key has leaked it. */
const publicKey = z
  .record(z.string(), z.unknown())
  .check(z.refine((key) => key["kty"] !== "oct" && !("d" in key) && !("k" in key), "is not a public key"));

const schema = z.object({
  redirect_uris: z._default(z.array(z.string()).check(z.maxLength(10)), []),
  client_name: z.optional(z.string().check(z.maxLength(200))),
  // Members that are only shown or inferred are no reason to turn a client away.
  client_uri: z.catch(z.optional(z.url({ protocol: /^https?$/ }).check(z.maxLength(500))), undefined),
  application_type: z.catch(z.optional(z.enum(["native", "web"])), undefined),
  grant_types: names,
  response_types: z.pipe(
    names,
    z.transform((list) => (list.length > 0 ? list : ["code"])),
  ),
  token_endpoint_auth_method: z.optional(
    z.enum(["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]),
  ),
  token_endpoint_auth_signing_alg: z.optional(z.string().check(z.maxLength(100))),
  scope: z.optional(z.string().check(z.maxLength(2000))),
  jwks: z.optional(z.object({ keys: z.array(publicKey).check(z.minLength(1), z.maxLength(20)) })),
  jwks_uri: z.optional(z.string().check(z.maxLength(500))),
  dpop_bound_access_tokens: z._default(z.boolean(), false),
});

/**
 * Reads client metadata (RFC 7591 §2). Ignores unknown members, and drops grant and response types that aren't offered,
 * as long as one that is offered remains. Throws `invalid_redirect_uri` or `invalid_client_metadata` (§3.2.2).
 */
export function readClientMetadata(input: unknown, policy: MetadataPolicy): ClientMetadata {
  const sent = readMembers(input);
  const metadata = { ...sent, redirect_uris: readRedirectUris(sent, policy) };
  const grantTypes = readGrantTypes(metadata, policy);
  checkAnswers(metadata, grantTypes);
  checkAuthentication(metadata, grantTypes, policy);
  const method = metadata.token_endpoint_auth_method;
  const name = displayable(metadata.client_name ?? "");
  // A client that takes no answers in a browser keeps no redirect URI, so that not even an error is redirected to it.
  const redirectUris = grantTypes.includes("authorization_code") ? metadata.redirect_uris : [];
  const usesKeys = method === "private_key_jwt";
  const read: ClientMetadata = {
    name: name || hostOf(metadata.redirect_uris[0]) || "Unnamed client",
    clientUri: metadata.client_uri ?? null,
    redirectUris,
    grantTypes,
    scope: metadata.scope ?? null,
    applicationType: metadata.application_type ?? inferApplicationType(metadata.redirect_uris),
    authenticationMethods: method ? [method] : ["client_secret_basic", "client_secret_post"],
    // Doesn't keep keys that the client's method has no use for: they are most of what a stranger could store here.
    jwks: (usesKeys && metadata.jwks) || null,
    jwksUri: (usesKeys && metadata.jwks_uri) || null,
    dpopBound: metadata.dpop_bound_access_tokens,
  };
  if (new TextEncoder().encode(JSON.stringify(read)).length > MAX_BYTES) {
    throw invalid(`The metadata is larger than ${MAX_BYTES / 1024} KiB.`);
  }
  return read;
}

/** Limits everything stored about a client. Ten redirect URIs and an RSA key take a quarter of it. */
const MAX_BYTES = 8 * 1024;

type Members = z.output<typeof schema>;

function readMembers(input: unknown): Members {
  const parsed = schema.safeParse(withoutEmpty(input));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const member = issue?.path.join(".") ?? "";
  if (issue?.path[0] === "redirect_uris") throw new OAuthError("invalid_redirect_uri", `${member}: ${issue.message}.`);
  throw invalid(`${member || "The body"}: ${issue?.message ?? "invalid"}.`);
}

/**
 * The redirect URIs that may be registered. One that may not is dropped if others remain, since apps send the URIs of
 * all their platforms at once. The answer to the registration shows which remain.
 */
function readRedirectUris({ redirect_uris }: Members, { privateUseSchemes, byOwner }: MetadataPolicy): string[] {
  const problems = redirect_uris.map((uri) => findRedirectUriProblem(uri, privateUseSchemes));
  const problem = problems.find((each) => each !== null);
  if (problem && (byOwner || !problems.includes(null))) {
    throw new OAuthError("invalid_redirect_uri", `A redirect URI ${problem}.`);
  }
  return [...new Set(redirect_uris.filter((_, index) => problems[index] === null))];
}

/**
 * A client that names no grant gets the default of RFC 7591 §2. An app on the person's device also gets a refresh
 * token, because such apps don't ask for one.
 */
function readGrantTypes({ grant_types, redirect_uris }: Members, { byOwner }: MetadataPolicy): readonly string[] {
  if (grant_types.length === 0) {
    return ["authorization_code", ...(redirect_uris.some(isOnDevice) ? ["refresh_token"] : [])];
  }
  const grantTypes = offeredGrantTypes(byOwner).filter((grantType) => grant_types.includes(grantType));
  if (grantTypes.every((grantType) => grantType === "refresh_token")) {
    throw invalid("grant_types has to include authorization_code, or another grant that this server offers.");
  }
  return grantTypes;
}

/** A client that takes answers in a browser has to say where. */
function checkAnswers({ redirect_uris, response_types }: Members, grantTypes: readonly string[]): void {
  if (!grantTypes.includes("authorization_code")) return;
  if (redirect_uris.length === 0) {
    throw new OAuthError("invalid_redirect_uri", "redirect_uris: authorization_code needs at least one.");
  }
  if (!response_types.includes("code")) throw invalid("response_types has to include code.");
}

function checkAuthentication(
  { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg, jwks, jwks_uri }: Members,
  grantTypes: readonly string[],
  { ownHost }: MetadataPolicy,
): void {
  if (method === "none" && grantTypes.includes("client_credentials")) {
    throw invalid("client_credentials needs a client that can authenticate.");
  }
  if (method === "private_key_jwt") checkKeys({ jwks, jwks_uri, alg: token_endpoint_auth_signing_alg });
  const problem = jwks_uri === undefined ? null : findUrlProblem(jwks_uri, ownHost);
  if (problem) throw invalid(`jwks_uri ${problem}.`);
}

/**
 * A client whose keys can't sign with an accepted algorithm would be refused at its first token request. It learns so
 * at registration.
 */
function checkKeys({ jwks, jwks_uri, alg }: Pick<Members, "jwks" | "jwks_uri"> & { alg: string | undefined }): void {
  if (!jwks === !jwks_uri) throw invalid("private_key_jwt needs either jwks or jwks_uri.");
  const isTaken = alg === undefined || ASSERTION_ALGORITHMS.includes(alg);
  if (!isTaken || jwks?.keys.some(canSignAssertion) === false) {
    throw invalid(`private_key_jwt needs a key that signs with one of ${ASSERTION_ALGORITHMS.join(", ")}.`);
  }
}

/**
 * Everything that decides where a client's tokens can go and who can ask for them, apart from what a person is shown.
 * Consent and the owner's approval are bound to a digest of it, so a client that adds a redirect URI, a grant or a
 * weaker way to authenticate is no longer the one that was approved. The resource that a client is bound to never
 * changes.
 */
export const fingerprintText = (client: ClientMetadata): string =>
  JSON.stringify([
    client.name,
    client.clientUri,
    client.applicationType,
    [...client.redirectUris].sort(),
    // An assertion names the client, and the owner trusts its issuer. Apps have always listed the grant, and stay approved.
    client.grantTypes.filter((grantType) => grantType !== JWT_BEARER_GRANT).sort(),
    [...client.authenticationMethods].sort(),
    client.jwks,
    client.jwksUri,
    // Only included if true, so that clients that were approved before this member existed stay approved.
    ...(client.dpopBound ? ["dpop_bound_access_tokens"] : []),
  ]);

const invalid = (description: string) => new OAuthError("invalid_client_metadata", description);

/** Some clients write null, "" or {} for a member that they mean to leave out. */
export const withoutEmpty = (input: unknown): unknown =>
  typeof input === "object" && input !== null && !Array.isArray(input)
    ? Object.fromEntries(Object.entries(input).filter(([, value]) => !isEmpty(value)))
    : input;

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === "" ||
  (typeof value === "object" && !Array.isArray(value) && Object.keys(value as object).length === 0);

/** Control, bidirectional and other invisible characters can make a name look like another. */
const displayable = (name: string): string =>
  name
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu, "")
    .replace(/(\p{M}{2})\p{M}+/gu, "$1")
    .trim();

/** The host of a web address. What follows a private-use scheme isn't a host. */
const hostOf = (uri: string | undefined): string =>
  uri !== undefined && /^https?:/i.test(uri) ? new URL(uri).host : "";

const inferApplicationType = (redirectUris: readonly string[]): "native" | "web" =>
  redirectUris.every(isOnDevice) ? "native" : "web";

/** Whether a redirect URI leads to an app on the person's device (RFC 8252 §7). */
const isOnDevice = (uri: string): boolean => isLoopbackRedirectUri(uri) || !/^https?:/.test(uri);
