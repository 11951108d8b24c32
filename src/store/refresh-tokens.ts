import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { type ProvenClient, provenParameters } from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { callGate, type IssuingGate } from "./gate.ts";
import type { TokenLifetimes } from "./issued-tokens.ts";
import { bytea, integer, text, textArray, timestamptz } from "./sql.ts";

export type RefreshPresentation = ProvenClient & {
  readonly digest: Digest;
  /** Null if the request left it out. */
  readonly scopes: readonly string[] | null;
  readonly resourceUri: string | null;
  /** A keyed hash of how the caller looks on the network. */
  readonly caller: Digest;
};

type Successors = {
  readonly accessDigest: Digest;
  readonly refreshDigest: Digest;
  /** Both tokens, readable only to the holder of the presented one. Null if replays are turned off. */
  readonly sealedAnswer: string | null;
};

export type ReplayIntervals = { readonly reuseSeconds: number; readonly lostAnswerSeconds: number };

/**
 * Spends a refresh token and issues its successors (OAuth 2.1 §4.3.1), or answers with the sealed pair that it gave
 * before, see `gates/rotate-refresh-token.sql`.
 */
export const rotateRefreshToken = (
  db: Database,
  presented: RefreshPresentation,
  successors: Successors,
  { accessSeconds, refreshSeconds, reuseSeconds, lostAnswerSeconds }: TokenLifetimes & ReplayIntervals,
  { now, address }: Actor,
): Promise<IssuingGate> =>
  callGate(db, "rotate_refresh_token_2", {
    token: bytea(presented.digest),
    ...provenParameters(presented),
    resource_uri: text(presented.resourceUri),
    scopes: textArray(presented.scopes),
    caller: bytea(presented.caller),
    access: bytea(successors.accessDigest),
    refresh: bytea(successors.refreshDigest),
    sealed_answer: text(successors.sealedAnswer),
    access_seconds: integer(accessSeconds),
    refresh_seconds: integer(refreshSeconds),
    reuse_seconds: integer(reuseSeconds),
    lost_answer_seconds: integer(lostAnswerSeconds),
    now: timestamptz(now),
    address: text(address),
  });
