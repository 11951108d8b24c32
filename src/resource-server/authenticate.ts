import { defaultScopes, expandScopes } from "./access.ts";
import { accountTokensOf } from "./account-token.ts";
import type { Auth } from "./auth.ts";
import { type Refusal, refuse } from "./challenge.ts";
import type { ActiveToken } from "./introspection.ts";
import { metadataUrl } from "./metadata.ts";
import type { Settings } from "./options.ts";
import { requestTarget } from "./request-target.ts";
import { type ScopeRequirement, satisfies, scopesToAskFor } from "./scope-requirement.ts";
import type { TokenVerifier } from "./token-verifier.ts";

const MAX_TOKEN_LENGTH = 4096;

/** What the core of every adapter rests on. */
export type Verifier = { readonly settings: Settings; readonly verifyToken: TokenVerifier };

/**
 * Who sent a request, by its bearer token, or the answer that refuses it (RFC 6750 §2.1, §3). A token in the query string
 * is never read.
 */
export async function authenticate(
  { settings, verifyToken }: Verifier,
  request: Request,
  required: readonly ScopeRequirement[],
): Promise<Auth | Response> {
  const needed = required.length > 0 ? scopesToAskFor(required) : defaultScopes(settings.access);
  const refuseWith = (refusal: Refusal) => refuse(settings, refusal, needed);
  const token = readBearerToken(request);
  if ("refusal" in token) return refuseWith(token.refusal);
  const verified = await verifyToken(token.value);
  if (verified === "unavailable") return refuseWith("unavailable");
  if (verified === "invalid") return refuseWith("invalid_token");
  const auth = toAuth(settings, verified, { address: settings.address(request), accessToken: token.value });
  return satisfies(auth.scopes, required) ? auth : refuseWith("insufficient_scope");
}

/** What of a request is not in its token's introspection. */
type Presented = { readonly address: string | null; readonly accessToken: string };

export const toAuth = (settings: Settings, token: ActiveToken, { address, accessToken }: Presented): Auth => ({
  ...token,
  accountToken: accountTokensOf(settings, { tokenId: token.tokenId, accessToken }),
  scopes: expandScopes(settings.access, token.scopes),
  address,
  token: token.tokenId,
  resource: new URL(settings.resource),
  resourceMetadataUrl: metadataUrl(settings),
});

export function readBearerToken(request: Request): { readonly value: string } | { readonly refusal: Refusal } {
  const authorization = request.headers.get("Authorization")?.trim() ?? "";
  // Two headers come as one, joined by a comma, which is in no Basic or Bearer credential.
  if (/^(basic|bearer)\b.*,(\s|$)|,\s*bearer(\s|$)/i.test(authorization)) return { refusal: "invalid_request" };
  if (!/^bearer(\s|$)/i.test(authorization)) return { refusal: "no_credentials" };
  if (requestTarget(request).searchParams.has("access_token")) return { refusal: "invalid_request" };
  const value = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  return value !== undefined && value.length <= MAX_TOKEN_LENGTH ? { value } : { refusal: "invalid_token" };
}
