import type { Deps } from "../deps.ts";
import { type Digest, sha256 } from "../lib/hash.ts";
import { encodeHex } from "../lib/hex.ts";
import { isPlausibleToken } from "../lib/token.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { TOKEN_KIND } from "../oauth/token-kind.ts";
import { findAccessToken } from "../store/access-tokens.ts";
import { badCredential, type ResourceCredential, readCredentialKey } from "./resource-credential.ts";

type IntrospectionResponse = { readonly active: false } | ({ readonly active: true } & Record<string, unknown>);

/**
 * Says whether a token is good at the resource that asks (RFC 7662 §2.2). Whatever is wrong with it (unknown, expired,
 * revoked, a refresh token, another resource's), the answer is the same `{"active":false}`.
 */
export async function introspect(
  deps: Deps,
  credential: ResourceCredential | null,
  { values }: Params,
): Promise<IntrospectionResponse> {
  const key = await readCredentialKey(deps, credential);
  const token = values.get("token");
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing.");
  const digest = (await isPlausibleToken(deps.keys, TOKEN_KIND.accessToken, token)) ? await sha256(token) : null;
  const found = await findAccessToken(deps.db, { digest, ...key }, deps.actor);
  if (!found) throw badCredential(credential);
  if (!found.token || !digest) return { active: false };
  const { token: active, resourceUri } = found;
  return {
    active: true,
    scope: active.scopes.join(" "),
    client_id: active.clientId,
    ...(active.email === null ? {} : { username: active.email }),
    // The resource accepts such a token only with a proof of its key (RFC 9449 §6.2).
    ...(active.jkt === null ? { token_type: "Bearer" } : { token_type: "DPoP", cnf: { jkt: active.jkt } }),
    exp: active.expiresAt,
    iat: active.issuedAt,
    nbf: active.issuedAt,
    // A client that acts in its own name is its own subject (RFC 9068 §2.2).
    sub: active.userId ?? active.clientId,
    aud: resourceUri,
    iss: deps.config.issuer,
    jti: tokenId(digest),
  };
}

/** Identifies a token in logs without giving it away, by the start of its digest. */
const tokenId = (digest: Digest): string => encodeHex(digest.subarray(0, 16));
