import { readOffer } from "../flows/offer.ts";
import { authorizationServerMetadata } from "../oauth/metadata.ts";
import type { AppContext } from "./app-env.ts";

/** `GET /.well-known/oauth-authorization-server` (RFC 8414 §3). */
export async function getMetadata(c: AppContext): Promise<Response> {
  const { issuer, registrationPolicy, vaultKeys } = c.var.deps.config;
  const { isKnown, ...offer } = await readOffer(c.var.deps);
  c.header("Cache-Control", isKnown ? "public, max-age=60" : "no-store");
  const offersRegistration = registrationPolicy !== "closed";
  const offersTokenExchange = vaultKeys.length > 0;
  return c.json(authorizationServerMetadata({ issuer, ...offer, offersRegistration, offersTokenExchange }));
}

/**
 * The other addresses at which clients look for it, if the issuer has this path. RFC 8414 §3.1 inserts the well-known
 * part before the path, but some clients append it, or a slash.
 */
export const otherMetadataPaths = (path: string): string[] => {
  const appended = `${path}/.well-known/oauth-authorization-server`;
  return [`/.well-known/oauth-authorization-server${path}/`, appended, `${appended}/`];
};
