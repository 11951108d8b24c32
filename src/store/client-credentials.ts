import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
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

/** The CTE that spends a client assertion, to stand first in a gate. Of two presentations of one, the later gets no row. */
export const spendAssertion = (credential: ClientCredential): SQL =>
  credential.method === "private_key_jwt"
    ? sql`assertion as (
        insert into client_assertions (digest, request_id, expires_at)
        values (${bytes(credential.assertionDigest)}, ${uuid(credential.requestId)}, ${instant(credential.assertionExpiresAt)})
        on conflict do nothing returning digest),`
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

/** Columns of `ClientFacts` over `left join clients c`. */
export const clientFacts = (credential: ClientCredential, grantType: string): SQL => sql`
  c.id is not null as "clientFound",
  c.disabled_at is not null as "clientDisabled",
  coalesce(${isAuthenticated(credential)}, false) as "clientAuthenticated",
  coalesce(${text(grantType)} = any(c.grant_types), false) as "grantRegistered"`;
