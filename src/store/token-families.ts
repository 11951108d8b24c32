import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "./actor.ts";
import { auditEach } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { callGate } from "./gate.ts";
import { integer, text, timestamptz, uuid } from "./sql.ts";

/** Why families end. The account page has a sentence for each. */
export type RevocationReason =
  | "access_removed"
  | "app_refused"
  | "client_deleted"
  | "client_disabled"
  | "code_replayed"
  | "issuer_disabled"
  | "issuer_removed"
  | "refresh_token_reused"
  | "resource_deleted"
  | "revoked_by_client"
  | "revoked_by_owner"
  | "revoked_by_person"
  | "user_deleted"
  | "user_disabled";

/** The families to revoke: one, or all of a person with one client. */
type FamilySelection = { readonly familyId: string } | { readonly userId: string; readonly clientId: string };

/** Revokes live families, see `gates/revoke-families.sql`. Returns how many. */
export const revokeTokenFamilies = (
  db: Database,
  selection: FamilySelection,
  reason: RevocationReason,
  { now, address }: Actor,
): Promise<number> =>
  callGate(db, "revoke_families_1", {
    family: uuid("familyId" in selection ? selection.familyId : null),
    user: uuid("userId" in selection ? selection.userId : null),
    client: text("clientId" in selection ? selection.clientId : null),
    reason: text(reason),
    now: timestamptz(now),
    address: text(address),
  });

/** The CTEs `to_revoke`, `revoked` and `revocations` for the families `f` under a condition. */
export const revokeSelected = (condition: SQL, reason: RevocationReason, actor: Actor): SQL => sql`
  to_revoke as (
    select f.id from token_families f where f.revoked_at is null and ${condition} order by f.id for no key update),
  revoked as (
    update token_families f set revoked_at = ${timestamptz(actor.now)}, revoked_reason = ${text(reason)}
    from to_revoke where f.id = to_revoke.id
    returning f.user_id, f.client_id, f.resource_id, f.id as family_id),
  revocations as (${auditEach("family_revoked", sql`revoked`, actor)})`;

/**
 * Live connections are counted up to here. Beyond it, it is clear that something is widely used, and counting stays
 * cheap.
 */
export const MOST_COUNTED = 100;

type Owning = "client_id" | "resource_id" | "user_id";

/** Live families with this value in a column, `MOST_COUNTED` at most, and their people. */
export const someLiveFamilies = (column: Owning, value: SQL, now: Date): SQL => sql`
  (select f.id, f.user_id from token_families f
    where f.${sql.identifier(column)} = ${value} and f.revoked_at is null and f.expires_at > ${timestamptz(now)}
    limit ${integer(MOST_COUNTED)})`;

/**
 * How many people have a live family with this value in a column, and so would lose access. Looks at no more than
 * `MOST_COUNTED` families.
 */
export const countLivePeople = (column: Owning, value: SQL, now: Date): SQL => sql`
  (select count(distinct user_id)::int from ${someLiveFamilies(column, value, now)} counted)`;

/** How many live families have this value in a column, up to `MOST_COUNTED`. */
export const countLiveFamilies = (column: Owning, value: SQL, now: Date): SQL => sql`
  (select count(*)::int from ${someLiveFamilies(column, value, now)} counted)`;
