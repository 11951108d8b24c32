import type { AccountEvidence } from "./account/account-evidence.ts";
import type { Answer } from "./answer.ts";

/** Where a document was looked for, and the answer that had it. */
export type Discovered = {
  readonly tried: readonly Answer[];
  /** The first that is a JSON object with status 200. */
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

/** A client that the walk may show itself as. */
export type WalkingClient = { readonly clientId: string; readonly redirectUri: string };

export type ResourceEvidence = {
  readonly withoutToken: Answer;
  readonly withWrongToken: Answer;
  readonly preflight: Answer;
  readonly fromBrowser: Answer;
  readonly metadata: Discovered;
};

export type RegistrationEvidence = {
  /** The doctor's own; null where there is no endpoint, or nothing may be registered. */
  readonly own: Registration | null;
  readonly script: Answer | null;
  readonly fragment: Answer | null;
  readonly clients: ReadonlyMap<string, Registration>;
  /** How many apps were registered, and how many of them are gone again. */
  readonly made: number;
  readonly deleted: number;
};

/** Requests to the authorization endpoint, each wrong in one way but the first. */
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
  readonly state: string;
  readonly probes: ReadonlyMap<AuthorizeProbe, Answer>;
  /** What a good request shows people first; null if that is elsewhere, or nothing. */
  readonly page: Answer | null;
  readonly clients: ReadonlyMap<string, Answer>;
};

export type TokenProbe = "wrong code" | "unknown client" | "unknown grant" | "query" | "from browser";

export type TokenEvidence = {
  readonly probes: ReadonlyMap<TokenProbe, Answer>;
  /** The answers to signed assertions, by the name of the audience that they had. */
  readonly assertions: ReadonlyMap<"token endpoint" | "issuer", Answer>;
};

/** All that a walk saw, for checks and verdicts to judge. */
export type Evidence = {
  readonly target: URL;
  /** Null where the target is an authorization server. */
  readonly resource: ResourceEvidence | null;
  /** The authorization server as it was advertised, or as the origin of a resource without metadata. */
  readonly issuer: string | null;
  readonly server: Discovered;
  readonly registration: RegistrationEvidence;
  readonly authorize: AuthorizeEvidence;
  readonly token: TokenEvidence;
  /** Null where nobody lent an account. */
  readonly account: AccountEvidence | null;
};

export const isLoopback = ({ hostname }: URL): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(hostname) || hostname.endsWith(".localhost");

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
