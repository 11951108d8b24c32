import { InvalidTokenError, ServerError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import type { Auth } from "./auth.ts";
import { toAuth } from "./authenticate.ts";
import type { ResourceServer } from "./resource-server.ts";

/** What `requireBearerAuth` of SDK 1.x takes as its `verifier`. */
export type TokenVerifierV1 = { verifyAccessToken(token: string): Promise<Auth> };

/**
 * For `requireBearerAuth` of `@modelcontextprotocol/sdk`, 1.x. It knows errors by their class, so they have to be its own:
 * any other would be answered 500. Where Gatehouse can't be asked the answer is 500 too; `bearerAuth` and `protect` say 503.
 */
export const tokenVerifier = ({ settings, verifyToken }: ResourceServer): TokenVerifierV1 => ({
  verifyAccessToken: async (token) => {
    const verified = await verifyToken(token);
    if (verified === "unavailable") throw new ServerError("Access tokens can't be checked right now.");
    // Here are no headers to find a proof in, and without one a token that is bound to a key may be a stolen one.
    if (verified === "invalid" || verified.jkt !== null || settings.requireDpop) {
      throw new InvalidTokenError("The access token is expired, revoked or not for this server.");
    }
    return toAuth(settings, verified, { address: null, accessToken: token });
  },
});
