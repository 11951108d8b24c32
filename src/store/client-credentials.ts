import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Database } from "./database.ts";
import type { Conditions } from "./gate.ts";
import { bytea, text, timestamptz } from "./sql.ts";

/** What a client sent to authenticate itself (RFC 6749 §2.3), ready for the gate to compare. */
export type ClientCredential =
  | { readonly method: "none" }
  | { readonly method: "client_secret_basic" | "client_secret_post"; readonly secretDigest: Digest }
  | {
      readonly method: "private_key_jwt";
      /** The digest of client id and `jti`. The signature has been verified. */
      readonly assertionDigest: Digest;
      readonly assertionExpiresAt: Date;
    };

/** A client that makes a request. */
export type AskingClient = { readonly clientId: string; readonly credential: ClientCredential };

/** The parameters about a client that every gate takes. */
export const clientParameters = ({ clientId, credential }: AskingClient): Record<string, SQL> => ({
  client: text(clientId),
  method: text(credential.method),
  secret: bytea("secretDigest" in credential ? credential.secretDigest : null),
  assertion: bytea("assertionDigest" in credential ? credential.assertionDigest : null),
  assertion_expires_at: timestamptz("assertionExpiresAt" in credential ? credential.assertionExpiresAt : null),
});

/**
 * A key that a client has proven to hold (RFC 9449 §4.3). The gate decides whether the proof is used for the first
 * time.
 */
export type KeyProof = {
  /** The key's thumbprint (RFC 7638). */
  readonly jkt: string;
  /** The digest of the key and the proof's `jti`. */
  readonly digest: Digest;
  readonly expiresAt: Date;
};

/** A client that requests tokens. */
export type ProvenClient = AskingClient & { readonly proof?: KeyProof | null };

/** The parameters about a client that every gate takes which issues tokens. */
export const provenParameters = ({ proof = null, ...client }: ProvenClient): Record<string, SQL> => ({
  ...clientParameters(client),
  jkt: text(proof?.jkt ?? null),
  proof: bytea(proof?.digest ?? null),
  proof_expires_at: timestamptz(proof?.expiresAt ?? null),
});

/** Whether a client exists, is enabled and is authenticated, for requests that need nothing else from the database. */
export async function findClientConditions(db: Database, { clientId, credential }: AskingClient): Promise<Conditions> {
  const { method, secret } = clientParameters({ clientId, credential });
  const [found] = await db.read<Record<string, boolean>>(sql`
    select c.disabled_at is null as "clientEnabled",
      client_authenticates_1(c.authentication_methods, c.secret_digest, ${method}, ${secret}, true) as "clientAuthenticated"
    from clients c where c.id = ${text(clientId)}`);
  return found ? { clientFound: true, ...found } : { clientFound: false };
}
