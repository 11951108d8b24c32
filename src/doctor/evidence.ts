import type { AccountEvidence } from "./account/account-evidence.ts";
import type { Answer } from "./answer.ts";
import type { TlsSeen } from "./tls.ts";

/** The places where a document was looked for, and the answer that had it. */
export type Discovered = {
  readonly tried: readonly Answer[];
  /** The first answer that is a JSON object with status 200. */
  readonly found: Answer | null;
  /** The same request as a browser sends it from the Inspector's page. */
  readonly fromBrowser: Answer | null;
};

/** A client that was registered, or should have been. */
export type Registration = {
  readonly sent: Readonly<Record<string, unknown>> & { readonly redirect_uris: readonly string[] };
  readonly answer: Answer;
  readonly clientId: string | null;
};

/** A client that the walk may use. */
export type WalkingClient = {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Only a client that a person registered by hand has one. */
  readonly secret?: string;
};

export type ResourceEvidence = {
  readonly withoutToken: Answer;
  readonly withWrongToken: Answer;
  readonly preflight: Answer;
  readonly fromBrowser: Answer;
  readonly metadata: Discovered;
};

export type RegistrationEvidence = {
  /** The doctor's own registration. Null if there is no endpoint, if nothing may be registered, or if a client was given. */
  readonly own: Registration | null;
  readonly script: Answer | null;
  readonly fragment: Answer | null;
  readonly clients: ReadonlyMap<string, Registration>;
  /** How many apps were registered, and how many of them have been deleted. */
  readonly made: number;
  readonly deleted: number;
};

/** Requests to the authorization endpoint. Each but the first is wrong in one way. */
export type AuthorizeProbe =
  | "good"
  | "unknown client"
  | "suffix"
  | "other port"
  | "no challenge"
  | "plain"
  | "silent"
  | "implicit"
  | "unknown scope"
  | "resource slash";

export type AuthorizeEvidence = {
  readonly client: WalkingClient | null;
  /** How the doctor came to the client. It can't act for one of which it only knows the document. */
  readonly origin: "registered" | "given" | "document" | null;
  readonly state: string;
  readonly probes: ReadonlyMap<AuthorizeProbe, Answer>;
  /** The first page that a correct request shows. Null if it is on another server, or if there is none. */
  readonly page: Answer | null;
  readonly clients: ReadonlyMap<string, Answer>;
};

export type TokenProbe = "wrong code" | "unknown client" | "unknown grant" | "query" | "from browser";

export type TokenEvidence = {
  readonly probes: ReadonlyMap<TokenProbe, Answer>;
  /** The answers to signed assertions, keyed by the name of their audience. */
  readonly assertions: ReadonlyMap<"token endpoint" | "issuer", Answer>;
};

/** Everything that a walk saw, for checks and verdicts to judge. */
export type Evidence = {
  readonly target: URL;
  /** Null if the target is an authorization server. */
  readonly resource: ResourceEvidence | null;
  /** The authorization server that was advertised, or the origin of a resource without metadata. */
  readonly issuer: string | null;
  /** The TLS of the target and of the issuer, as far as they have https. */
  readonly tls: readonly TlsSeen[];
  /** A second MCP server that the person named, and what it says of itself. */
  readonly other: { readonly url: URL; readonly resource: ResourceEvidence | null } | null;
  readonly server: Discovered;
  readonly registration: RegistrationEvidence;
  readonly authorize: AuthorizeEvidence;
  readonly token: TokenEvidence;
  /** Null if nobody lent an account. */
  readonly account: AccountEvidence | null;
};

export const isLoopback = ({ hostname }: URL): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(hostname) || hostname.endsWith(".localhost");

/** Codes, tokens and secrets are only sent over https, or to this machine. */
export const isSafe = (url: string): boolean =>
  URL.canParse(url) && (new URL(url).protocol === "https:" || isLoopback(new URL(url)));

/** Every answer of a walk. */
export const allAnswers = ({
  resource,
  server,
  registration,
  authorize,
  token,
  account,
}: Evidence): readonly Answer[] =>
  [
    ...(resource
      ? [resource.withoutToken, resource.withWrongToken, resource.fromBrowser, ...resource.metadata.tried]
      : []),
    ...server.tried,
    registration.own?.answer,
    registration.script,
    registration.fragment,
    ...[...registration.clients.values()].map(({ answer }) => answer),
    ...authorize.probes.values(),
    ...authorize.clients.values(),
    ...token.probes.values(),
    ...token.assertions.values(),
    ...(account?.answers.values() ?? []),
  ].filter((answer) => answer !== null && answer !== undefined);
