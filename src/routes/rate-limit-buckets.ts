import type { Limited } from "../flows/rate-limit.ts";
import { readClientId } from "../oauth/client-authentication.ts";
import { DEVICE_CODE_GRANT } from "../oauth/grant-type.ts";
import { redirectTarget } from "../oauth/redirect-uri.ts";
import { TOKEN_EXCHANGE_GRANT } from "../oauth/token-exchange.ts";
import type { AppContext } from "./app-env.ts";
import { rawQuery } from "./middleware/query.ts";

/** The part of a client id, which may be a URL, that tells one bucket from another. */
const MAX_ID_LENGTH = 200;
const shortened = (text: string | null | undefined): string => text?.slice(0, MAX_ID_LENGTH).toWellFormed() ?? "";

/** Hosted clients share addresses, so each has a bucket of its own beside that of the address. */
export const clientBuckets = (c: AppContext): readonly Limited[] => [
  {
    name: "token",
    also: shortened(readClientId(c.req.header("Authorization") ?? null, c.var.params)),
  },
  { name: "tokenAddress" },
];

/**
 * Devices behind one address share the client too, and poll. `slow_down` paces each of them, and only the address is
 * counted, so that a few devices don't stop each other.
 */
export const tokenBuckets = (c: AppContext): readonly Limited[] => {
  const grant = c.var.params.values.get("grant_type");
  // A resource asks for all of its callers, so it isn't limited like a single client. Its bucket is that of its
  // credential, as for introspection.
  if (grant === TOKEN_EXCHANGE_GRANT) return [];
  return grant === DEVICE_CODE_GRANT ? [{ name: "tokenAddress" }] : clientBuckets(c);
};

/** The same for the pages that a client's people open. */
export const authorizeBuckets = (c: AppContext): readonly Limited[] => [
  { name: "other", also: shortened(new URLSearchParams(rawQuery(c)).get("client_id")) },
  { name: "otherAddress" },
];

/**
 * A hosted client registers from an address that others share, so its redirect URIs tell it apart. A change counts like
 * a registration. Otherwise anybody could register once and change it for ever, and each change is in the audit log.
 */
export const registrationBuckets = (c: AppContext): readonly Limited[] => [
  { name: "register", also: shortened(redirectHosts(c.var.body)) },
  { name: "registerAddress" },
  { name: "registerDay" },
];

/** The redirect URIs of a registration, in one order. Empty if they can't be read, which the endpoint will report. */
function redirectHosts(body: Uint8Array): string {
  try {
    const { redirect_uris: uris } = JSON.parse(new TextDecoder().decode(body)) as { redirect_uris: string[] };
    const targets = uris.slice(0, 10).map((uri) => redirectTarget(uri));
    return [...new Set(targets.map((to) => (to.kind === "site" ? to.host : to.kind === "app" ? to.scheme : "")))]
      .sort()
      .join(" ");
  } catch {
    return "";
  }
}
