import { PROOF_ALGORITHMS } from "./dpop.ts";
import { metadataUrl } from "./metadata.ts";
import type { Settings } from "./options.ts";

/** Why a request was refused. A request without credentials gets no `error` (RFC 6750 §3.1). */
export type Refusal =
  | "no_credentials"
  | "invalid_request"
  | "invalid_token"
  | "invalid_dpop_proof"
  | "insufficient_scope"
  | "unavailable";

const ANSWERS = {
  no_credentials: [401, "An access token is needed."],
  invalid_request: [400, "Credentials were sent in more than one way."],
  invalid_token: [401, "The access token is expired, revoked, malformed or not for this server."],
  invalid_dpop_proof: [401, "The access token takes a DPoP proof of its key, made for this request."],
  insufficient_scope: [403, "This needs a permission that was not granted."],
} as const satisfies Record<string, readonly [number, string]>;

/**
 * The answer to a refused request. Its challenge leads a client to the authorization server and names every scope that
 * the operation needs (RFC 6750 §3, RFC 9728 §5.1). For a token that is bound to a key, it is a DPoP challenge (RFC
 * 9449 §7.1). If Gatehouse couldn't be asked, the answer is 503: the token isn't let in, but its client has no reason
 * to throw it away.
 */
export function refuse(settings: Settings, refusal: Refusal, scopes: readonly string[], dpop = false): Response {
  const noStore = { "Cache-Control": "no-store" };
  if (refusal === "unavailable") {
    return Response.json(
      { error: "temporarily_unavailable", error_description: "Access tokens can't be checked right now." },
      { status: 503, headers: { ...noStore, "Retry-After": "2" } },
    );
  }
  const [status, description] = ANSWERS[refusal];
  const error = refusal === "no_credentials" ? {} : { error: refusal, error_description: description };
  const params = Object.entries({
    ...error,
    scope: scopes.join(" "),
    resource_metadata: metadataUrl(settings),
    ...(dpop ? { algs: PROOF_ALGORITHMS.join(" ") } : {}),
  });
  const challenge = `${dpop ? "DPoP" : "Bearer"} ${params.map(([name, value]) => `${name}="${value}"`).join(", ")}`;
  return Response.json(
    { error: "unauthorized", error_description: description, ...error },
    { status, headers: { ...noStore, "WWW-Authenticate": challenge } },
  );
}
