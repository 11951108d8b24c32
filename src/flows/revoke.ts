import type { Deps } from "../deps.ts";
import { sha256 } from "../lib/hash.ts";
import { isPlausibleToken } from "../lib/token.ts";
import type { ClientAuthentication } from "../oauth/client-authentication.ts";
import { OAuthError } from "../oauth/errors.ts";
import { CLIENT_RULES } from "../oauth/gate-refusal.ts";
import type { Params } from "../oauth/params.ts";
import { TOKEN_KIND } from "../oauth/token-kind.ts";
import { revokeToken } from "../store/revocations.ts";
import { readClientCredential, refusalOf } from "./client/credential.ts";

/**
 * Revokes a token for the client that presents it (RFC 7009 §2). Unknown tokens and those of other clients aren't an
 * error (§2.2). Hints aren't needed, since the prefix gives a token's kind.
 */
export async function revoke(deps: Deps, client: ClientAuthentication, { values }: Params): Promise<void> {
  const token = values.get("token");
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing.");
  const credential = await readClientCredential(deps, client);
  if (!(await isRevocable(deps, token))) return;
  const presented = { digest: await sha256(token), clientId: client.clientId, credential };
  const { refused } = await revokeToken(deps.db, presented, deps.actor);
  if (refused) throw refusalOf(deps, client.clientId, CLIENT_RULES, refused);
}

const isRevocable = async ({ keys }: Deps, token: string): Promise<boolean> =>
  (await isPlausibleToken(keys, TOKEN_KIND.accessToken, token)) ||
  (await isPlausibleToken(keys, TOKEN_KIND.refreshToken, token));
