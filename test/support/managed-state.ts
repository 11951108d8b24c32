import { sql } from "drizzle-orm";
import type { Database } from "../../src/store/database.ts";

/** What owners manage, by which a test sees that a refused request changed nothing. */
export async function readManagedState(db: Database): Promise<unknown> {
  const [state] = await db.read(sql`select
    (select count(*)::int from audit_events where name not in ('signed_in', 'signed_out')) as events,
    (select json_agg(r.* order by r.id)::text from resources r) as resources,
    (select json_agg(u.* order by u.id)::text from users u) as users,
    (select count(*)::int from setup_links) as links,
    (select count(*)::int from initial_access_tokens) as tokens,
    (select count(*)::int from clients where approved_fingerprint is not null) as approved,
    (select count(*)::int from introspection_credentials) as credentials`);
  return state;
}
