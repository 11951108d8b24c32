import { invalidClient } from "./client-authentication.ts";
import { OAuthError } from "./errors.ts";

/** What was found out about a client whose request a gate refused. */
export type ClientStanding = {
  readonly clientFound: boolean;
  readonly clientDisabled: boolean;
  readonly clientAuthenticated: boolean;
  /** Left out where no grant is asked for. */
  readonly grantRegistered?: boolean;
};

/**
 * Why the client itself was refused, or null if it wasn't. An unknown client, a wrong secret and a wrong method sound the
 * same, and are `invalid_client`: SDKs register anew on that, and throw tokens away on `invalid_grant`.
 */
export function explainClientRefusal(client: ClientStanding): OAuthError | null {
  if (!client.clientFound) return invalidClient("Client authentication failed.", "client_unknown");
  if (client.clientDisabled) return invalidClient("Client authentication failed.", "client_disabled");
  if (!client.clientAuthenticated) return invalidClient("Client authentication failed.", "bad_credential");
  if (client.grantRegistered === false) {
    return new OAuthError("unauthorized_client", "The client did not register this grant type.", {
      reason: "grant_type",
    });
  }
  return null;
}
