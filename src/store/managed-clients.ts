import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Database } from "./database.ts";
import { bytea, epoch, text } from "./sql.ts";

/** A client as it sees itself (RFC 7592 §2.1). */
export type ManagedClient = {
  readonly name: string;
  readonly clientUri: string | null;
  readonly redirectUris: string[];
  readonly grantTypes: string[];
  readonly scope: string | null;
  readonly applicationType: "native" | "web";
  readonly authenticationMethods: ("none" | "client_secret_basic" | "client_secret_post" | "private_key_jwt")[];
  readonly jwks: object | null;
  readonly jwksUri: string | null;
  readonly dpopBound: boolean;
  /** Hex, or null for a client without a secret. */
  readonly secretDigest: string | null;
  readonly issuedAt: number;
};

/** The client that this registration access token belongs to. Null if the token is wrong or another client's. */
export async function findManagedClient(
  db: Database,
  id: string,
  registrationDigest: Digest,
): Promise<ManagedClient | null> {
  const [client] = await db.read<ManagedClient>(sql`
    select name, client_uri as "clientUri", redirect_uris as "redirectUris", grant_types as "grantTypes", scope,
      application_type as "applicationType", authentication_methods as "authenticationMethods", jwks, jwks_uri as "jwksUri", dpop_bound as "dpopBound",
      encode(secret_digest, 'hex') as "secretDigest", ${epoch(sql`created_at`)} as "issuedAt"
    from clients
    where id = ${text(id)} and registration_digest = ${bytea(registrationDigest)} and disabled_at is null`);
  return client ?? null;
}
