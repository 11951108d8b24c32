import { answers, at, headers, members, rules, server, status, withoutToken } from "./alterations.ts";
import type { Fault } from "./fault.ts";

/** Faults, each for one check, in how a server answers requests. */
export const REQUEST_FAULTS: readonly Fault[] = [
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

const html = (answer: Response) => {
  const altered = new Response("<p>That code is not good.</p>", { status: 400, headers: answer.headers });
  altered.headers.set("Content-Type", "text/html");
  return altered;
};
