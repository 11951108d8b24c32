import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Database } from "./database.ts";
import { bytes, instant, text, uuid } from "./sql.ts";

/** What a client brought to authenticate itself (RFC 6749 §2.3), ready to be compared by the statement that acts. */
export type ClientCredential =
  | { readonly method: "none" }
  | { readonly method: "client_secret_basic" | "client_secret_post"; readonly secretDigest: Digest }
  | {
      readonly method: "private_key_jwt";
      /** Of client id and `jti`; the signature has been verified. */
      readonly assertionDigest: Digest;
      readonly assertionExpiresAt: Date;
      readonly requestId: string;
    };

/**
 * Whether `clients c` is authenticated by the credential. A client without a secret is not thereby public, so the
 * method has to be one that it registered, too.
 */
export const isAuthenticated = (credential: ClientCredential): SQL => sql`(
  ${text(credential.method)} = any(c.authentication_methods)
  and ${
    credential.method === "none" || credential.method === "private_key_jwt"
      ? sql`c.secret_digest is null`
      : sql`c.secret_digest = ${bytes(credential.secretDigest)}`
  }
  ${credential.method === "private_key_jwt" ? sql`and exists (select from assertion)` : sql``})`;

/**
 * The CTE that spends a client assertion, to stand first in a gate. Of two requests with one, the later gets no row; the
 * first may try its gate again.
 */
export const spendAssertion = (credential: ClientCredential): SQL =>
  credential.method === "private_key_jwt"
    ? sql`assertion as (
        insert into client_assertions (digest, request_id, expires_at)
        values (${bytes(credential.assertionDigest)}, ${uuid(credential.requestId)}, ${instant(credential.assertionExpiresAt)})
        on conflict (digest) do update set request_id = excluded.request_id
          where client_assertions.request_id = excluded.request_id
        returning digest),`
    : sql``;

/** The CTE for a read that explains a gate's refusal: whether it was this request that spent the assertion. */
export const recallAssertion = (credential: ClientCredential): SQL =>
  credential.method === "private_key_jwt"
    ? sql`assertion as (
        select from client_assertions
        where digest = ${bytes(credential.assertionDigest)} and request_id = ${uuid(credential.requestId)}),`
    : sql``;

/** Why a client may have been refused, beside anything that the grant itself asks. */
export type ClientFacts = {
  readonly clientFound: boolean;
  readonly clientDisabled: boolean;
  readonly clientAuthenticated: boolean;
  readonly grantRegistered: boolean;
};

/**
 * Whether a client authenticates as it did when it got its tokens. It can't do with less later, but a secret is a secret in
 * the header and in the body.
 */
export const isSameMethod = (stored: SQL, { method }: ClientCredential): SQL =>
  sql`regexp_replace(${stored}, '_(basic|post)$', '') = regexp_replace(${text(method)}, '_(basic|post)$', '')`;

/** Columns of `ClientFacts` over `left join clients c`. */
export const clientFacts = (credential: ClientCredential): SQL => sql`
  c.id is not null as "clientFound",
  c.disabled_at is not null as "clientDisabled",
  coalesce(${isAuthenticated(credential)}, false) as "clientAuthenticated"`;

/** The same with whether the client registered a grant. */
export const clientFactsOf = (credential: ClientCredential, grantType: string): SQL => sql`
  ${clientFacts(credential)}, coalesce(${text(grantType)} = any(c.grant_types), false) as "grantRegistered"`;

/** Why a client was refused where no grant is asked for. */
export async function findClientFacts(
  db: Database,
  clientId: string,
  credential: ClientCredential,
): Promise<Omit<ClientFacts, "grantRegistered">> {
  const [facts] = await db.read<Omit<ClientFacts, "grantRegistered">>(sql`
    with ${recallAssertion(credential)} presented as (select ${text(clientId)} as client_id)
    select ${clientFacts(credential)} from presented left join clients c on c.id = presented.client_id`);
  if (!facts) throw new Error("a row of facts was expected");
  return facts;
}
