import { sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { Actor } from "./actor.ts";
import type { Database } from "./database.ts";
import { bytes, instant, json, text } from "./sql.ts";

/** A call of a tool, as its resource tells it. */
export type NewToolCall = {
  /** The start of the token's digest, 16 bytes in hex: the `jti` of its introspection. */
  readonly tokenId: string;
  readonly address: string | null;
  readonly details: Readonly<Record<string, unknown>>;
};

/**
 * Records calls for the resource that holds the credential, each for the person, client and connection of its token; how many,
 * or null if no resource holds it. A token of another resource, or none at all, records nothing.
 */
export async function insertToolCalls(
  db: Database,
  presented: { readonly credentialDigest: Digest; readonly resourceId: string | null },
  calls: readonly NewToolCall[],
  { now }: Actor,
): Promise<number | null> {
  const [row] = await db.run<{ recorded: number }>(sql`
    with caller as (
      select r.id from introspection_credentials i join resources r on r.id = i.resource_id
      where i.digest = ${bytes(presented.credentialDigest)} and r.id = coalesce(${text(presented.resourceId)}, r.id)),
    call as (
      select * from jsonb_to_recordset(${json(calls)}) as c("tokenId" text, address text, details jsonb)),
    recorded as (
      insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details)
      select ${instant(now)}, 'tool_called', f.user_id, f.client_id, caller.id, f.id, call.address, call.details
      from caller cross join call
        -- One look-up for each call: as a join, the planner takes ranges of digests for a large part of the table.
        cross join lateral (
          select t.family_id from access_tokens t
          where t.digest between decode(call."tokenId" || repeat('00', 16), 'hex')
            and decode(call."tokenId" || repeat('ff', 16), 'hex')
          order by t.digest limit 1) t
        join token_families f on f.id = t.family_id and f.resource_id = caller.id
      returning id)
    select (select count(*)::int from recorded) as recorded from caller`);
  return row?.recorded ?? null;
}
