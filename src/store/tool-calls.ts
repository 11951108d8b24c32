import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import type { Database } from "./database.ts";
import { callGate } from "./gate.ts";
import { bytea, json, text, timestamptz } from "./sql.ts";

/** A tool call that a resource reports. */
export type NewToolCall = {
  /** The start of the token's digest, 16 bytea in hex: the `jti` of its introspection. */
  readonly tokenId: string;
  readonly address: string | null;
  readonly details: Readonly<Record<string, unknown>>;
};

/**
 * Records calls for the resource that holds the credential, see `gates/record-tool-calls.sql`. Returns how many, or
 * null.
 */
export const insertToolCalls = (
  db: Database,
  presented: { readonly credentialDigest: Digest; readonly resourceId: string | null },
  calls: readonly NewToolCall[],
  { now }: Actor,
): Promise<number | null> =>
  callGate(db, "record_tool_calls_1", {
    credential: bytea(presented.credentialDigest),
    resource: text(presented.resourceId),
    calls: json(calls),
    now: timestamptz(now),
  });
