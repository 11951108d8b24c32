import { auditRefusal, type Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { unavailable } from "../../lib/unavailable.ts";
import { type ClientAuthentication, invalidClient } from "../../oauth/client-authentication.ts";
import { isDocumentUrl } from "../../oauth/client-document.ts";
import { CLIENT_RULES, explainRefusal, type Rules } from "../../oauth/gate-refusal.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { type AskingClient, type ClientCredential, findClientConditions } from "../../store/client-credentials.ts";
import type { Conditions } from "../../store/gate.ts";
import { verifyAssertion } from "./assertion.ts";

/**
 * Turns what a client sent into what the gates compare. A secret that can't be one of ours costs no round trip. An
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
      };
    }
    default:
      if (!(await isPlausibleToken(deps.keys, TOKEN_KIND.clientSecret, client.secret))) {
        throw invalidClient("Client authentication failed.", "bad_credential");
      }
      return { method: client.method, secretDigest: await sha256(client.secret) };
  }
}

/**
 * Refuses an unknown client before anything is said about its token. After a move from another server, a client sends
 * ids and tokens of a foreign shape, and registers again only on `invalid_client`. A value that can't be one of our ids
 * costs no round trip.
 */
export async function assertKnownClient(deps: Deps, client: AskingClient): Promise<void> {
  // Its keys were looked up, and one of them signed the assertion.
  if (client.credential.method === "private_key_jwt") return;
  const isId = /^client_[\w-]{22}$/.test(client.clientId) || isDocumentUrl(client.clientId);
  const conditions = isId ? await findClientConditions(deps.db, client) : { clientFound: false };
  if (explainRefusal(CLIENT_RULES, conditions)) throw refusalOf(deps, client.clientId, CLIENT_RULES, conditions);
}

/** The error for a gate's refusal. If the refusal is about the client's credential, it is recorded. */
export function refusalOf(deps: Deps, clientId: string, rules: Rules, conditions: Conditions): Error {
  const error = explainRefusal(rules, conditions);
  if (error?.reason === "bad_credential") auditBadCredential(deps, clientId);
  // A gate refuses because a condition doesn't hold, and every condition has a rule.
  return error ?? unavailable("database");
}

/** Records that somebody used a client's name without proving to be the client. */
const auditBadCredential = (deps: Deps, clientId: string): void =>
  auditRefusal(deps, { name: "client_authentication_failed", clientId });
