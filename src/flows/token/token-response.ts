import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { mintToken } from "../../lib/token.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { IssuedTokens } from "../../store/issued-tokens.ts";

/**
 * A successful answer of the token endpoint (OAuth 2.1 §3.2.3). `scope` is always present, because SDKs take its
 * absence for no scopes.
 */
export type TokenResponse = {
  readonly access_token: string;
  readonly token_type: "Bearer" | "DPoP";
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope: string;
  readonly resource: string;
};

/** A fresh pair with the digests that a gate stores, and the family that it would begin. */
export type NewTokenPair = Awaited<ReturnType<typeof mintTokenPair>>;

export type MintedTokens = { readonly accessToken: string; readonly refreshToken: string };

/** A fresh pair, and the digests that a gate stores. */
export async function mintTokenPair({ keys }: Deps) {
  const [accessToken, refreshToken] = await Promise.all([
    mintToken(keys, TOKEN_KIND.accessToken),
    mintToken(keys, TOKEN_KIND.refreshToken),
  ]);
  const [accessDigest, refreshDigest] = await Promise.all([sha256(accessToken), sha256(refreshToken)]);
  return { accessToken, refreshToken, accessDigest, refreshDigest, familyId: crypto.randomUUID() };
}

export const tokenResponse = (
  { accessToken, refreshToken }: MintedTokens,
  issued: Pick<IssuedTokens, "accessExpiresAt" | "hasRefreshToken" | "isBound" | "scopes" | "resourceUri">,
  now: Date,
): TokenResponse => ({
  access_token: accessToken,
  token_type: issued.isBound ? "DPoP" : "Bearer",
  expires_in: Math.max(0, issued.accessExpiresAt - Math.floor(now.getTime() / 1000)),
  ...(issued.hasRefreshToken ? { refresh_token: refreshToken } : {}),
  scope: issued.scopes.join(" "),
  resource: issued.resourceUri,
});
