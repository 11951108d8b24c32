import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { CONNECT_SECONDS } from "./connect-links.ts";
import type { Database } from "./database.ts";
import { callGate, type Refused } from "./gate.ts";
import type { LinkedAccount } from "./linked-accounts.ts";
import type { StoredProvider } from "./providers.ts";
import { bytea, integer, text, textArray, timestamptz } from "./sql.ts";

export type AccountTokenRequest = {
  readonly credentialDigest: Digest;
  /** The short id of the resource. Null if the credential alone names it. */
  readonly resourceId: string | null;
  /** The token with which the resource was called. Null if it can't be one. */
  readonly tokenDigest: Digest | null;
  readonly provider: string;
  /** Null for everything that the token's scopes need there. */
  readonly scopes: readonly string[] | null;
  /** The digest of a link, which is stored if the person has to do something first. */
  readonly linkDigest: Digest;
};

/** An account whose token may be given out, and the provider that can refresh it. */
export type UsableAccount = { readonly account: LinkedAccount; readonly provider: StoredProvider };

/**
 * Asks for the account of a token's person (RFC 8693 §2.1), see `gates/exchange-token.sql`. Null if nobody holds the
 * credential.
 */
export const findAccountToken = (
  db: Database,
  request: AccountTokenRequest,
  { now, address }: Actor,
): Promise<UsableAccount | Refused | null> =>
  callGate(db, "exchange_token_1", {
    token: bytea(request.tokenDigest),
    credential: bytea(request.credentialDigest),
    resource: text(request.resourceId),
    provider: text(request.provider),
    scopes: textArray(request.scopes),
    link: bytea(request.linkDigest),
    link_seconds: integer(CONNECT_SECONDS),
    now: timestamptz(now),
    address: text(address),
  });
