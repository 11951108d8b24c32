import { authorizationServerMetadata } from "../oauth/metadata.ts";
import type { AppContext } from "./app-env.ts";

/** `GET /.well-known/oauth-authorization-server` (RFC 8414 §3). */
export function getMetadata(c: AppContext): Response {
  const { issuer, scopes, registrationPolicy, vaultKeys } = c.var.deps.config;
  c.header("Cache-Control", "public, max-age=300");
  const offersRegistration = registrationPolicy !== "closed";
  const offersTokenExchange = vaultKeys.length > 0;
  return c.json(authorizationServerMetadata({ issuer, scopes, offersRegistration, offersTokenExchange }));
}
