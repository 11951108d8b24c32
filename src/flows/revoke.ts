import type { Deps } from "../deps.ts";
import { sha256 } from "../lib/hash.ts";
import { isPlausibleToken } from "../lib/token.ts";
import { unavailable } from "../lib/unavailable.ts";
import type { ClientAuthentication } from "../oauth/client-authentication.ts";
import { explainClientRefusal } from "../oauth/client-refusal.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { TOKEN_KIND } from "../oauth/token-kind.ts";
import { findClientFacts } from "../store/client-credentials.ts";
import { revokeToken } from "../store/revocations.ts";
import { auditBadCredential, readClientCredential } from "./client/credential.ts";

/**
 * Revokes a token of the client that presents it (RFC 7009 §2). Unknown tokens and those of others are no error (§2.2);
 * hints are not needed, since the prefix says what a token is.
 */
export async function revoke(deps: Deps, client: ClientAuthentication, { values }: Params): Promise<void> {
  const token = values.get("token");
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing.");
  const credential = await readClientCredential(deps, client);
  if (!(await isRevocable(deps, token))) return;
  const presented = { digest: await sha256(token), clientId: client.clientId, credential };
  if (!(await revokeToken(deps.db, presented, deps.actor))) {
    const refusal = explainClientRefusal(await findClientFacts(deps.db, client.clientId, credential));
    if (refusal?.reason === "bad_credential") auditBadCredential(deps, client.clientId);
    throw refusal ?? unavailable("database");
  }
}

const isRevocable = async ({ keys }: Deps, token: string): Promise<boolean> =>
  (await isPlausibleToken(keys, TOKEN_KIND.accessToken, token)) ||
  (await isPlausibleToken(keys, TOKEN_KIND.refreshToken, token));
