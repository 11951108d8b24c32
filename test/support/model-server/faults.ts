import type { Changes } from "./model-server.ts";
import type { Rules } from "./rules.ts";

export type Fault = {
  readonly with: string;
  /** The check that is meant to find it. */
  readonly check: string;
  /** Checks that unavoidably find it too. */
  readonly also?: readonly string[];
  readonly changes: Changes;
};

const rules = (changed: Partial<Rules>): Changes => ({ rules: changed });

/** Changes the answers to requests that match. */
const answers = (
  matches: (request: Request) => boolean,
  alter: (answer: Response) => Response | Promise<Response>,
): Changes => ({ alter: (answer, request) => (matches(request) ? alter(answer) : answer) });

const at = (path: string, method?: string) => (request: Request) =>
  new URL(request.url).pathname === path && (!method || request.method === method);
const withoutToken = (request: Request) => at("/mcp", "POST")(request) && !request.headers.has("Authorization");
const withToken = (request: Request) => at("/mcp", "POST")(request) && request.headers.has("Authorization");

const headers = (changed: Readonly<Record<string, string | null>>) => (answer: Response) => {
  const altered = new Response(answer.body, answer);
  for (const [name, value] of Object.entries(changed)) {
    if (value === null) altered.headers.delete(name);
    else altered.headers.set(name, value);
  }
  return altered;
};
const status = (code: number) => (answer: Response) =>
  new Response(answer.body, { status: code, headers: answer.headers });
const challenge = (alter: (text: string) => string) => (answer: Response) =>
  headers({ "WWW-Authenticate": alter(answer.headers.get("WWW-Authenticate") ?? "") })(answer);

/** Changes members of a document. Undefined removes one. */
const members = (path: string, changed: Readonly<Record<string, unknown>>) =>
  answers(at(path), async (answer) =>
    Response.json(
      { ...((await answer.json()) as object), ...changed },
      { status: answer.status, headers: answer.headers },
    ),
  );
const resource = (changed: Readonly<Record<string, unknown>>) =>
  members("/.well-known/oauth-protected-resource/mcp", changed);
const server = (changed: Readonly<Record<string, unknown>>) =>
  members("/.well-known/oauth-authorization-server", changed);

/** Faults, each for one check. */
export const FAULTS: readonly Fault[] = [
  {
    with: "that answers 403 in place of 401",
    check: "challenge-status",
    changes: answers(withoutToken, status(403)),
  },
  {
    with: "without a challenge",
    check: "challenge-header",
    changes: answers(withoutToken, headers({ "WWW-Authenticate": null })),
  },
  {
    with: "whose challenge doesn't say where its metadata is",
    check: "challenge-resource-metadata",
    changes: answers(
      withoutToken,
      challenge((text) => text.replace(/, resource_metadata.*/, "")),
    ),
  },
  {
    with: "that blames a request without a token",
    check: "challenge-bare",
    changes: answers(
      withoutToken,
      challenge((text) => `${text}, error="invalid_token"`),
    ),
  },
  {
    with: "that answers 403 to a token that was made up",
    check: "challenge-invalid-token",
    changes: answers(withToken, status(403)),
  },
  {
    with: "that asks for a token before it answers OPTIONS",
    check: "challenge-cors",
    changes: answers(at("/mcp", "OPTIONS"), status(401)),
  },
  {
    with: "without resource metadata",
    check: "resource-metadata",
    changes: answers(at("/.well-known/oauth-protected-resource/mcp"), status(404)),
  },
  { with: "whose resource has a slash more", check: "resource-matches", changes: slashed() },
  {
    with: "whose metadata names no authorization server",
    check: "resource-servers",
    changes: resource({ authorization_servers: undefined }),
  },
  {
    with: "that takes tokens in the query, and says so",
    check: "resource-bearer-methods",
    changes: resource({ bearer_methods_supported: ["header", "query"] }),
  },
  { with: "whose issuer has a slash more", check: "metadata-issuer", changes: rules({ issuerSuffix: "/" }) },
  {
    with: "without an authorization endpoint",
    check: "metadata-endpoints",
    changes: server({ authorization_endpoint: undefined }),
  },
  {
    with: "that says nothing of response types",
    check: "metadata-response-types",
    changes: server({ response_types_supported: undefined }),
  },
  {
    with: "that says nothing of PKCE",
    check: "metadata-pkce",
    changes: server({ code_challenge_methods_supported: undefined }),
  },
  {
    with: "that offers plain",
    check: "metadata-plain",
    changes: server({ code_challenge_methods_supported: ["S256", "plain"] }),
  },
  {
    with: "that takes passwords for tokens",
    check: "metadata-grants",
    changes: server({ grant_types_supported: ["authorization_code", "refresh_token", "password"] }),
  },
  {
    with: "that nobody can register at",
    check: "metadata-identity",
    changes: server({ registration_endpoint: undefined }),
  },
  {
    with: "whose metadata is kept for a month",
    check: "metadata-caching",
    changes: answers(at("/.well-known/oauth-authorization-server"), headers({ "Cache-Control": "max-age=2592000" })),
  },
  {
    with: "that gives secrets to apps that can't keep them",
    check: "registration-public",
    changes: rules({ keepsSecretsForPublicClients: true }),
  },
  {
    with: "that answers a registration with nulls",
    check: "registration-nulls",
    changes: members("/register", { client_uri: null }),
  },
  {
    with: "that registers a script as redirect URI",
    check: "registration-script",
    changes: rules({ takesScripts: true }),
  },
  {
    with: "that redirects strangers",
    check: "authorize-unknown-client",
    changes: rules({ redirectsStrangers: true }),
  },
  {
    with: "that compares the beginning of redirect URIs",
    check: "authorize-redirect-uri",
    changes: rules({ redirectUris: "prefix" }),
  },
  {
    with: "that holds loopback to one port",
    check: "authorize-loopback-port",
    changes: rules({ redirectUris: "exact" }),
  },
  { with: "that needs no PKCE", check: "authorize-pkce", changes: rules({ needsChallenge: false }) },
  { with: "that takes plain", check: "authorize-plain", changes: rules({ takesPlain: true }) },
  { with: "that gives tokens by redirect", check: "authorize-implicit", changes: rules({ takesImplicit: true }) },
  {
    with: "that pastes state into a URL",
    check: "authorize-state",
    also: ["authorize-iss"],
    changes: rules({ pastesState: true }),
  },
  {
    with: "that promises iss and forgets it",
    check: "authorize-iss",
    changes: {
      rules: { answersIss: false },
      ...server({ authorization_response_iss_parameter_supported: true }),
    },
  },
  {
    with: "at the root of its origin that knows itself without a slash alone",
    check: "authorize-resource-slash",
    changes: rules({ path: "", comparesResourceAsText: true }),
  },
  {
    with: "whose sign-in can be framed",
    check: "authorize-framing",
    changes: answers(at("/authorize"), headers({ "Content-Security-Policy": null })),
  },
  {
    with: "that answers a wrong code with a page",
    check: "token-invalid-grant",
    changes: answers(at("/token", "POST"), async (answer) =>
      (await answer.clone().text()).includes("invalid_grant") ? html(answer) : answer,
    ),
    also: ["token-assertion-endpoint", "token-assertion-issuer"],
  },
  {
    with: "that blames the request where it doesn't know the client",
    check: "token-invalid-client",
    changes: answers(at("/token", "POST"), async (answer) =>
      (await answer.clone().text()).includes("invalid_client")
        ? Response.json({ error: "invalid_request" }, { status: 400, headers: answer.headers })
        : answer,
    ),
  },
  { with: "that takes codes by GET", check: "token-post", changes: rules({ takesGet: true }) },
  {
    with: "whose tokens may be stored",
    check: "token-caching",
    changes: answers(at("/token"), headers({ "Cache-Control": null })),
  },
  {
    with: "that refuses ChatGPT's audience",
    check: "token-assertion-endpoint",
    changes: rules({ assertionAudiences: "issuer" }),
  },
  {
    with: "whose metadata is elsewhere",
    check: "transport-redirects",
    also: ["metadata"],
    changes: answers(at("/.well-known/oauth-authorization-server"), () =>
      Response.redirect("http://elsewhere.invalid/metadata", 302),
    ),
  },
  {
    with: "that breaks on a client that it doesn't know",
    check: "transport-errors",
    changes: answers(at("/authorize"), (answer) => (answer.status === 400 ? status(500)(answer) : answer)),
  },
  {
    with: "behind bot blocking",
    check: "transport-bots",
    also: ["challenge-status"],
    changes: answers(
      withoutToken,
      () => new Response("<title>Just a moment...</title>", { status: 403, headers: { "cf-mitigated": "challenge" } }),
    ),
  },
];

function slashed(): Changes {
  return answers(at("/.well-known/oauth-protected-resource/mcp"), async (answer) => {
    const document = (await answer.json()) as { readonly resource: string };
    return Response.json({ ...document, resource: `${document.resource}/` }, { headers: answer.headers });
  });
}

const html = (answer: Response) => {
  const altered = new Response("<p>That code is not good.</p>", { status: 400, headers: answer.headers });
  altered.headers.set("Content-Type", "text/html");
  return altered;
};
