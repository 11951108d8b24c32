import type { Limited } from "../flows/rate-limit.ts";
import { readClientId } from "../oauth/client-authentication.ts";
import { DEVICE_CODE_GRANT } from "../oauth/client-metadata.ts";
import { TOKEN_EXCHANGE_GRANT } from "../oauth/token-exchange.ts";
import type { AppContext } from "./app-env.ts";

/** What of a client id, which may be a URL, tells one bucket from another. */
const MAX_ID_LENGTH = 200;

/** Hosted clients share addresses, so each has a bucket of its own beside that of the address. */
export const clientBuckets = (c: AppContext): readonly Limited[] => [
  {
    name: "token",
    also:
      readClientId(c.req.header("Authorization") ?? null, c.var.params)
        ?.slice(0, MAX_ID_LENGTH)
        .toWellFormed() ?? "",
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
