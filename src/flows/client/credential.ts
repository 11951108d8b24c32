import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { type ClientAuthentication, invalidClient } from "../../oauth/client-authentication.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { ClientCredential } from "../../store/client-credentials.ts";
import { verifyAssertion } from "./assertion.ts";

/**
 * Turns what a client sent into what the gates compare. A secret that can't be one of ours costs no round trip; an
 * assertion costs one for the keys.
 */
export async function readClientCredential(deps: Deps, client: ClientAuthentication): Promise<ClientCredential> {
  switch (client.method) {
    case "none":
      return { method: "none" };
    case "private_key_jwt": {
      const { digest, expiresAt } = await verifyAssertion(deps, client);
      return {
        method: "private_key_jwt",
        assertionDigest: digest,
        assertionExpiresAt: expiresAt,
        requestId: crypto.randomUUID(),
      };
    }
    default:
      if (!(await isPlausibleToken(deps.keys, TOKEN_KIND.clientSecret, client.secret))) {
        throw invalidClient("Client authentication failed.", "bad_credential");
      }
      return { method: client.method, secretDigest: await sha256(client.secret) };
  }
}

/** Records that somebody used the name of a client without being it. */
export const auditBadCredential = (deps: Deps, clientId: string): void =>
  auditRefusal(deps, { name: "client_authentication_failed", clientId });
