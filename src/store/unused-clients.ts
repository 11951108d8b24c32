import { sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { UNUSED_CLIENT_DAYS } from "./expired-rows.ts";
import { integer, minus } from "./sql.ts";

/**
 * Clients that registered themselves and never got a token: how many, up to `MOST_COUNTED`, and how many the clean-up
 * deleted while the owner can still see them.
 */
export type UnusedClients = { readonly waiting: number; readonly gone: number; readonly days: number };

const MOST_COUNTED = 1000;

export async function countUnusedClients(db: Database, actor: Actor): Promise<UnusedClients> {
  const [row] = await db.list<{ waiting: number; gone: number }>(sql`
    select (select count(*)::int from (select * from clients order by created_at desc limit ${integer(MOST_COUNTED)}) c
        where c.registration <> 'preregistered' and not exists (select from token_families f where f.client_id = c.id)) as "waiting",
      (select coalesce(sum((details ->> 'count')::int), 0)::int from audit_events
        where name = 'unused_clients_deleted' and at > ${minus(actor.now, UNUSED_CLIENT_DAYS * 24 * 60 * 60)}) as "gone"
    where ${isAuthorized(actor)}`);
  return { waiting: 0, gone: 0, ...row, days: UNUSED_CLIENT_DAYS };
}
