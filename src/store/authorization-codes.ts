import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { hostOfUri } from "../lib/uri-host.ts";
import type { Actor, SessionKey } from "./actor.ts";
import { recorded } from "./audit-events.ts";
import { type ProvenClient, provenParameters } from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { callGate, type IssuingGate } from "./gate.ts";
import { type NewTokens, newTokenParameters, type TokenLifetimes } from "./issued-tokens.ts";
import { bytea, integer, text, textArray, timestamptz } from "./sql.ts";

type NewAuthorizationCode = {
  readonly digest: Digest;
  readonly session: SessionKey;
  readonly clientId: string;
  /** Hex. */
  readonly clientFingerprint: string;
  readonly resourceId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly codeChallenge: string;
  /** The key that has to be proven to redeem it. Null for any key or none. */
  readonly dpopJkt?: string | null;
  readonly lifetimeSeconds: number;
  /** How long the connection may last, as the person chose. */
  readonly familySeconds: number | null;
  /** The browser in which the person allowed it. */
  readonly userAgent: string | null;
};

/** Issues a code for a consent that a signed-in person just gave, see `gates/issue-code.sql`. False if they may not. */
export const insertAuthorizationCode = (
  db: Database,
  code: NewAuthorizationCode,
  { now, address }: Actor,
): Promise<boolean> =>
  callGate(db, "issue_code_2", {
    code: bytea(code.digest),
    session: bytea(code.session.digest),
    idle_seconds: integer(code.session.idleSeconds),
    client: text(code.clientId),
    fingerprint: sql`decode(${text(code.clientFingerprint)}, 'hex')`,
    resource: text(code.resourceId),
    scopes: textArray(code.scopes),
    redirect_uri: text(code.redirectUri),
    redirect_host: text(hostOfUri(code.redirectUri)),
    challenge: text(code.codeChallenge),
    jkt: text(code.dpopJkt ?? null),
    family_seconds: integer(code.familySeconds),
    user_agent: text(code.userAgent),
    code_seconds: integer(code.lifetimeSeconds),
    now: timestamptz(now),
    address: text(address),
  });

/** Records that a person declined. */
export const insertAuthorizationDenial = (
  db: Database,
  denied: { readonly sessionDigest: Digest; readonly clientId: string; readonly resourceId: string },
  actor: Actor,
) =>
  db.run(sql`
    with ${recorded("authorization_denied", "denial", actor)`
      select s.user_id, ${text(denied.clientId)} as client_id, ${text(denied.resourceId)} as resource_id,
        null::uuid as family_id
      from sessions s where s.digest = ${bytea(denied.sessionDigest)}`}
    select user_id from denial`);

export type CodeRedemption = ProvenClient & {
  readonly digest: Digest;
  readonly codeChallenge: string;
  /** Null if the request left it out. */
  readonly redirectUri: string | null;
  readonly resourceUri: string | null;
  readonly scopes: readonly string[] | null;
};

/** Spends a code and creates its token family (OAuth 2.1 §4.1.3): see `gates/redeem-code.sql`. */
export const consumeAuthorizationCode = (
  db: Database,
  redemption: CodeRedemption,
  tokens: NewTokens,
  lifetimes: TokenLifetimes,
  { now, address }: Actor,
): Promise<IssuingGate> =>
  callGate(db, "redeem_code_2", {
    code: bytea(redemption.digest),
    ...provenParameters(redemption),
    challenge: text(redemption.codeChallenge),
    redirect_uri: text(redemption.redirectUri),
    resource_uri: text(redemption.resourceUri),
    scopes: textArray(redemption.scopes),
    ...newTokenParameters(tokens, lifetimes),
    now: timestamptz(now),
    address: text(address),
  });
