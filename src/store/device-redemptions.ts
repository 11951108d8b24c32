import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import { type ProvenClient, provenParameters } from "./client-credentials.ts";
import type { Database } from "./database.ts";
import { callGate, type IssuingGate } from "./gate.ts";
import { type NewTokens, newTokenParameters, type TokenLifetimes } from "./issued-tokens.ts";
import { bytea, text, timestamptz } from "./sql.ts";

export type DevicePoll = ProvenClient & {
  readonly digest: Digest;
  /** Null if the request left it out. */
  readonly resourceUri: string | null;
  /** A keyed hash of how the caller looks on the network. */
  readonly caller: Digest;
};

/** A device's poll (RFC 8628 §3.4), see `gates/poll-device-code.sql`. */
export const consumeDeviceCode = (
  db: Database,
  poll: DevicePoll,
  tokens: NewTokens,
  lifetimes: TokenLifetimes,
  grantType: string,
  { now, address }: Actor,
): Promise<IssuingGate> =>
  callGate(db, "poll_device_code_2", {
    code: bytea(poll.digest),
    ...provenParameters(poll),
    resource_uri: text(poll.resourceUri),
    caller: bytea(poll.caller),
    grant_type: text(grantType),
    ...newTokenParameters(tokens, lifetimes),
    now: timestamptz(now),
    address: text(address),
  });
