import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "./actor.ts";
import { revokeSelected } from "./token-families.ts";

/**
 * The condition that a row `f` belongs to a person who may have none of its scopes any more. It agrees with
 * `gates/allowed-scopes.sql`.
 */
const HAS_LOST_ACCESS = sql`
  f.user_id is not null
  and not exists (select from resources r where r.id = f.resource_id and r.is_open)
  and not exists (
    select from access_rules a
    where a.resource_id = f.resource_id and (a.scopes is null or a.scopes && f.scopes)
      and (a.user_id = f.user_id
        or a.user_id is null and a.group_id is null
        or exists (select from group_members m where m.group_id = a.group_id and m.user_id = f.user_id)))`;

/**
 * The statements that end the connections and waiting codes of people who may have none of their scopes any more. They
 * follow a statement that changed who may. Each look-up asks the rules anyway, but ending a connection is final, and no
 * later rule restores it.
 */
export const endLostAccess = (selected: SQL, actor: Actor): readonly SQL[] => [
  sql`with ${revokeSelected(sql`${selected} and ${HAS_LOST_ACCESS}`, "access_removed", actor)} select family_id from revoked`,
  sql`delete from authorization_codes f where ${selected} and f.redeemed_at is null and ${HAS_LOST_ACCESS}`,
  sql`delete from device_codes f where ${selected} and f.redeemed_at is null and ${HAS_LOST_ACCESS}`,
];
