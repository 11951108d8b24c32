import { defaultScopes, expandScopes } from "./access-table.ts";
import { accountTokensOf } from "./account-token.ts";
import type { Auth } from "./auth.ts";
import { type Refusal, refuse } from "./challenge.ts";
import type { ProofChecker } from "./dpop.ts";
import type { ActiveToken } from "./introspection.ts";
import { metadataUrl } from "./metadata.ts";
import type { Settings } from "./options.ts";
import { requestTarget } from "./request-target.ts";
import { type ScopeRequirement, satisfies, scopesToAskFor } from "./scope-requirement.ts";
import type { TokenVerifier } from "./token-verifier.ts";

const MAX_TOKEN_LENGTH = 4096;

/** What the core of every adapter needs. */
export type Verifier = {
  readonly settings: Settings;
  readonly verifyToken: TokenVerifier;
  readonly checkProof: ProofChecker;
};

/**
 * Who sent a request, by its bearer token, or the answer that refuses it (RFC 6750 §2.1, §3). A token that is bound to
 * a key isn't a bearer token and needs a proof (RFC 9449 §7.1). A token in the query string is never read.
 */
export async function authenticate(
  { settings, verifyToken, checkProof }: Verifier,
  request: Request,
  required: readonly ScopeRequirement[],
): Promise<Auth | Response> {
  const needed = required.length > 0 ? scopesToAskFor(required) : defaultScopes(settings.access);
  const presented = readToken(request);
  const refuseWith = (refusal: Refusal, dpop = settings.requireDpop || presented.isDpop) =>
    refuse(settings, refusal, needed, dpop);
  if ("refusal" in presented) return refuseWith(presented.refusal);
  const { value: token, isDpop } = presented;
  const verified = await verifyToken(token);
  if (verified === "unavailable") return refuseWith("unavailable");
  if (verified === "invalid") return refuseWith("invalid_token");
  const { jkt } = verified;
  if (jkt === null) {
    if (isDpop || settings.requireDpop) return refuseWith("invalid_token");
  } else if (!isDpop) return refuseWith("invalid_token", true);
  else if (!(await checkProof(request, { token, jkt }))) return refuseWith("invalid_dpop_proof");
  const auth = toAuth(settings, verified, { address: settings.address(request), accessToken: token });
  return satisfies(auth.scopes, required) ? auth : refuseWith("insufficient_scope");
}

/** Facts about a request that its token's introspection doesn't have. */
type Presented = { readonly address: string | null; readonly accessToken: string };

export const toAuth = (
  settings: Settings,
  { jkt: _, ...token }: ActiveToken,
  { address, accessToken }: Presented,
): Auth => ({
  ...token,
  accountToken: accountTokensOf(settings, { tokenId: token.tokenId, accessToken }),
  scopes: expandScopes(settings.access, token.scopes),
  address,
  token: token.tokenId,
  resource: new URL(settings.resource),
  resourceMetadataUrl: metadataUrl(settings),
});

/** The token of a request and its scheme, or why there is none to read. */
export function readToken(
  request: Request,
): { readonly isDpop: boolean } & ({ readonly value: string } | { readonly refusal: Refusal }) {
  const authorization = request.headers.get("Authorization")?.trim() ?? "";
  const scheme = /^(?:bearer|dpop)(?=\s|$)/i.exec(authorization)?.[0].toLowerCase();
  const isDpop = scheme === "dpop";
  // Two headers arrive as one, joined by a comma, which no credential contains.
  if (/^(basic|bearer|dpop)\b.*,(\s|$)|,\s*(bearer|dpop)(\s|$)/i.test(authorization))
    return { isDpop, refusal: "invalid_request" };
  if (scheme === undefined) return { isDpop, refusal: "no_credentials" };
  if (requestTarget(request).searchParams.has("access_token")) return { isDpop, refusal: "invalid_request" };
  const value = /^\w+ +([\w.~+/-]+=*)$/.exec(authorization)?.[1];
  return value !== undefined && value.length <= MAX_TOKEN_LENGTH
    ? { isDpop, value }
    : { isDpop, refusal: "invalid_token" };
}
