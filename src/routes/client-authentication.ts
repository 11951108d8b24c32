import { type ClientAuthentication, readClientAuthentication } from "../oauth/client-authentication.ts";
import type { AppContext } from "./app-env.ts";

/** How the client of a request to the OAuth endpoints authenticated itself (RFC 6749 §2.3). */
export const authenticationOf = (
  c: AppContext,
  endpoint: "token" | "revoke" | "device_authorization",
): ClientAuthentication =>
  readClientAuthentication(
    c.req.header("Authorization") ?? null,
    c.var.params,
    `${c.var.deps.config.issuer}/${endpoint}`,
  );
