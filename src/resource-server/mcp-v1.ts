import { InvalidTokenError, ServerError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import type { Auth } from "./auth.ts";
import { toAuth } from "./authenticate.ts";
import type { ResourceServer } from "./resource-server.ts";

/** The `verifier` of `requireBearerAuth` in SDK 1.x. */
export type TokenVerifierV1 = { verifyAccessToken(token: string): Promise<Auth> };

/**
 * For `requireBearerAuth` of `@modelcontextprotocol/sdk` 1.x. It recognizes errors by their class, so they have to be
 * its own: it answers any other with 500. If Gatehouse can't be asked, the answer is also 500, while `bearerAuth` and
 * `protect` answer 503.
 */
export const tokenVerifier = ({ settings, verifyToken }: ResourceServer): TokenVerifierV1 => ({
  verifyAccessToken: async (token) => {
    const verified = await verifyToken(token);
    if (verified === "unavailable") throw new ServerError("Access tokens can't be checked right now.");
    // There are no headers here that could contain a proof, and a token that is bound to a key may be stolen unless
    // there is one.
    if (verified === "invalid" || verified.jkt !== null || settings.requireDpop) {
      throw new InvalidTokenError("The access token is expired, revoked or not for this server.");
    }
    return toAuth(settings, verified, { address: null, accessToken: token });
  },
});
