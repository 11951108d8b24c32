import type { Limited } from "../flows/rate-limit.ts";
import { readClientId } from "../oauth/client-authentication.ts";
import { DEVICE_CODE_GRANT } from "../oauth/client-metadata.ts";
import { redirectTarget } from "../oauth/redirect-uri.ts";
import { TOKEN_EXCHANGE_GRANT } from "../oauth/token-exchange.ts";
import type { AppContext } from "./app-env.ts";
import { rawQuery } from "./middleware/query.ts";

/** What of a client id, which may be a URL, tells one bucket from another. */
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

/** Devices behind one address share the client too, and poll. `slow_down` paces each, so that three don't stop each other. */
export const tokenBuckets = (c: AppContext): readonly Limited[] => {
  const grant = c.var.params.values.get("grant_type");
  // A resource that asks for all of its callers is no crowd of clients; it has a credential, as where it introspects.
  if (grant === TOKEN_EXCHANGE_GRANT) return [];
  return grant === DEVICE_CODE_GRANT ? [{ name: "tokenAddress" }] : clientBuckets(c);
};

/** The same for where their people come by. */
export const authorizeBuckets = (c: AppContext): readonly Limited[] => [
  { name: "other", also: shortened(new URLSearchParams(rawQuery(c)).get("client_id")) },
  { name: "otherAddress" },
];

/**
 * A hosted client registers from an address that others share; where its answers go tells it apart. Changing a registration counts
 * as one, since anybody can register and then change it for ever, and each change is in the owner's record.
 */
export const registrationBuckets = (c: AppContext): readonly Limited[] => [
  { name: "register", also: shortened(redirectHosts(c.var.body)) },
  { name: "registerAddress" },
  { name: "registerDay" },
];

/** Where a registration's answers go, in one order; nothing if it can't be read, which the endpoint will say. */
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
