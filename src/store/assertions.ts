import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { type KeyProof, type ProvenClient, provenParameters } from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { callGate, type IssuingGate } from "./gate.ts";
import { type NewTokens, newTokenParameters, type TokenLifetimes } from "./issued-tokens.ts";
import { bytea, integer, text, textArray, timestamptz, uuid } from "./sql.ts";

/** What an issuer says about a person to a client. Its signature, audience and times have been checked. */
type VouchedPerson = {
  readonly issuerId: string;
  /** With the tenant before it, if the issuer has many. */
  readonly subject: string;
  /** Only if the issuer says that it is verified. In lower case. */
  readonly email: string | null;
  /** Who they become if they join, and a stand-in for a missing address. */
  readonly joining: { readonly userId: string; readonly email: string };
  /** The key that has to be proven with it. Null for none. */
  readonly boundJkt: string | null;
  /** The resources and scopes that it is for, null where it doesn't say. */
  readonly resources: readonly string[] | null;
  readonly scopes: readonly string[] | null;
};

/** What is good once: the digest of issuer and `jti`. */
type Spendable = { readonly grantDigest: Digest | null; readonly grantExpiresAt: Date };

export type AssertionRedemption = ProvenClient &
  Spendable & {
    readonly person: VouchedPerson;
    readonly resourceUri: string | null;
    readonly requestedScopes: readonly string[] | null;
  };

/** Spends an identity assertion for tokens: see `gates/redeem-assertion.sql`. */
export const consumeAssertion = (
  db: Database,
  { person, ...request }: AssertionRedemption,
  tokens: NewTokens,
  lifetimes: TokenLifetimes,
  { now, address }: Actor,
): Promise<IssuingGate> =>
  callGate(db, "redeem_assertion_1", {
    ...provenParameters(request),
    issuer: uuid(person.issuerId),
    subject: text(person.subject),
    email: text(person.email),
    joining_user: uuid(person.joining.userId),
    joining_email: text(person.joining.email),
    bound_jkt: text(person.boundJkt),
    grant: bytea(request.grantDigest),
    grant_expires_at: timestamptz(request.grantExpiresAt),
    vouched_resources: textArray(person.resources),
    vouched_scopes: textArray(person.scopes),
    resource_uri: text(request.resourceUri),
    scopes: textArray(request.requestedScopes),
    ...newTokenParameters(tokens, lifetimes),
    now: timestamptz(now),
    address: text(address),
  });

export type WorkloadRequest = Spendable & {
  readonly clientId: string;
  readonly proof?: KeyProof | null;
  readonly issuerId: string;
  readonly resourceUri: string | null;
  readonly scopes: readonly string[] | null;
};

/** Issues an access token to a program that its issuer has named: see `gates/grant-to-workload.sql`. */
export const insertWorkloadToken = (
  db: Database,
  { proof = null, ...request }: WorkloadRequest,
  tokens: Pick<NewTokens, "familyId" | "accessDigest">,
  accessSeconds: number,
  { now, address }: Actor,
): Promise<IssuingGate> =>
  callGate(db, "grant_to_workload_1", {
    client: text(request.clientId),
    jkt: text(proof?.jkt ?? null),
    proof: bytea(proof?.digest ?? null),
    proof_expires_at: timestamptz(proof?.expiresAt ?? null),
    issuer: uuid(request.issuerId),
    grant: bytea(request.grantDigest),
    grant_expires_at: timestamptz(request.grantExpiresAt),
    resource_uri: text(request.resourceUri),
    scopes: textArray(request.scopes),
    family: uuid(tokens.familyId),
    access: bytea(tokens.accessDigest),
    access_seconds: integer(accessSeconds),
    now: timestamptz(now),
    address: text(address),
  });
