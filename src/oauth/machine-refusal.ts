import { type ClientStanding, explainClientRefusal } from "./client-refusal.ts";
import { OAuthError } from "./errors.ts";

export type MachineStanding = ClientStanding & { readonly resourceMatches: boolean; readonly scopesMatch: boolean };

/** Names the reason why a client got no token in its own name (OAuth 2.1 §4.2), or null if none is left: a race that ended. */
export function explainMachineRefusal(request: MachineStanding): OAuthError | null {
  const client = explainClientRefusal(request);
  if (client) return client;
  if (!request.resourceMatches) {
    return new OAuthError("invalid_target", "The client may not ask for this resource.", { reason: "resource" });
  }
  if (!request.scopesMatch) {
    return new OAuthError("invalid_scope", "The resource offers none of the requested scopes.", { reason: "scope" });
  }
  return null;
}
