import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { type AskingClient, clientParameters } from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { callGate, type Refused } from "./gate.ts";
import { bytea, text, timestamptz } from "./sql.ts";

/** Revokes a token for its own client (RFC 7009), see `gates/revoke-token.sql`. */
export const revokeToken = (
  db: Database,
  presented: AskingClient & { readonly digest: Digest },
  { now, address }: Actor,
): Promise<Partial<Refused>> =>
  callGate(db, "revoke_token_1", {
    token: bytea(presented.digest),
    ...clientParameters(presented),
    now: timestamptz(now),
    address: text(address),
  });
