import { metadataUrl } from "./metadata.ts";
import type { ResourceServerOptions } from "./options.ts";

/** Why a request was refused. No `error` is named to who sent no credentials at all (RFC 6750 §3.1). */
export type Refusal =
  | { readonly kind: "no_credentials" }
  | { readonly kind: "invalid_request"; readonly description: string }
  | { readonly kind: "invalid_token"; readonly description: string }
  | { readonly kind: "insufficient_scope"; readonly description: string }
  | { readonly kind: "unavailable" };

const STATUS = { no_credentials: 401, invalid_request: 400, invalid_token: 401, insufficient_scope: 403 } as const;

/**
 * The response to a refused request, with the challenge that leads a client to the authorization server and tells it
 * every scope that the operation needs (RFC 6750 §3, RFC 9728 §5.1).
 */
export function challengeResponse(
  options: ResourceServerOptions,
  refusal: Refusal,
  requiredScopes: readonly string[],
): Response {
  if (refusal.kind === "unavailable") return unavailableResponse();
  const error = refusal.kind === "no_credentials" ? null : refusal.kind;
  const description = "description" in refusal ? refusal.description : null;
  const scopes = requiredScopes.length > 0 ? requiredScopes : (options.scopes ?? []);
  const params = {
    error,
    error_description: description,
    resource_metadata: metadataUrl(options),
    scope: scopes.length > 0 ? scopes.join(" ") : null,
  };
  const challenge = Object.entries(params)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ");
  return Response.json(
    { error: error ?? "invalid_token", error_description: description ?? "A bearer token is needed." },
    {
      status: STATUS[refusal.kind],
      headers: {
        "WWW-Authenticate": `Bearer ${challenge}`,
        "Cache-Control": "no-store",
        "Access-Control-Expose-Headers": "WWW-Authenticate",
      },
    },
  );
}

/** Not knowing whether a token is good is no reason to let it in, and none to make the client throw it away. */
const unavailableResponse = () =>
  Response.json(
    { error: "temporarily_unavailable", error_description: "Tokens can't be checked right now." },
    { status: 503, headers: { "Retry-After": "2", "Cache-Control": "no-store" } },
  );
