import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import type { Database } from "./database.ts";
import { callGate } from "./gate.ts";
import { bytea, text, timestamptz } from "./sql.ts";

/** What introspection says about an active token (RFC 7662 §2.2). Times in seconds since 1970. */
type IntrospectedToken = {
  /** Null if the client acts in its own name. */
  readonly userId: string | null;
  readonly email: string | null;
  readonly clientId: string;
  /** The thumbprint of the key that it is bound to. Null for a bearer token. */
  readonly jkt: string | null;
  readonly scopes: string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
};

export type Introspection = { readonly resourceUri: string; readonly token: IntrospectedToken | null };

/**
 * Looks up a token for the resource that holds the credential, see `gates/introspect.sql`. Null if no resource does.
 */
export const findAccessToken = (
  db: Database,
  presented: { readonly digest: Digest | null; readonly credentialDigest: Digest; readonly resourceId: string | null },
  { now, address }: Actor,
): Promise<Introspection | null> =>
  callGate(db, "introspect_2", {
    token: bytea(presented.digest),
    credential: bytea(presented.credentialDigest),
    resource: text(presented.resourceId),
    now: timestamptz(now),
    address: text(address),
  });
