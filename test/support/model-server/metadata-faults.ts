import {
  answers,
  at,
  challenge,
  headers,
  resource,
  rules,
  server,
  status,
  withoutToken,
  withToken,
} from "./alterations.ts";
import type { Fault } from "./fault.ts";
import type { Changes } from "./model-server.ts";

/** Faults, each for one check, in what a server says of itself. */
export const METADATA_FAULTS: readonly Fault[] = [
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
];

function slashed(): Changes {
  return answers(at("/.well-known/oauth-protected-resource/mcp"), async (answer) => {
    const document = (await answer.json()) as { readonly resource: string };
    return Response.json({ ...document, resource: `${document.resource}/` }, { headers: answer.headers });
  });
}
