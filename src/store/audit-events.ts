import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "./actor.ts";
import type { Database } from "./database.ts";
import { bytea, integer, text, timestamptz, uuid } from "./sql.ts";

/** Every audit event. The statement that makes a change writes its event. */
export const AUDIT_EVENTS = [
  "access_allowed",
  "access_refused",
  "access_removed",
  "account_linked",
  "account_locked",
  "account_needs_sign_in",
  "account_unlinked",
  "account_use_allowed",
  "account_use_ended",
  "account_used",
  "app_refused",
  "app_requested",
  "app_rule_removed",
  "app_rule_set",
  "assertion_redeemed",
  "assertion_refused",
  "authorization_denied",
  "authorization_granted",
  "client_approved",
  "client_authentication_failed",
  "client_changed",
  "client_credentials_granted",
  "client_deleted",
  "client_disabled",
  "client_enabled",
  "client_registered",
  "code_redeemed",
  "code_replayed",
  "credentials_reset",
  "device_code_redeemed",
  "family_narrowed",
  "family_renamed",
  "family_restored",
  "family_revoked",
  "family_widened",
  "foreign_token_introspected",
  "group_added",
  "group_deleted",
  "group_member_added",
  "group_member_removed",
  "identity_linked",
  "identity_refused",
  "identity_unlinked",
  "initial_access_token_created",
  "initial_access_token_revoked",
  "introspection_credential_rotated",
  "issuer_added",
  "issuer_disabled",
  "issuer_enabled",
  "issuer_removed",
  "passkey_added",
  "passkey_removed",
  "passkey_renamed",
  "password_changed",
  "provider_added",
  "provider_changed",
  "provider_failed",
  "provider_removed",
  "recovery_codes_made",
  "refresh_replayed",
  "refresh_replayed_by_other_caller",
  "refresh_token_reused",
  "registration_refused",
  "resource_added",
  "resource_changed",
  "resource_deleted",
  "resource_opened",
  "resource_restricted",
  "role_changed",
  "setup_link_created",
  "setup_link_revoked",
  "signed_in",
  "signed_in_with_recovery_code",
  "signed_out",
  "token_refreshed",
  "token_revoked",
  "tool_called",
  "unused_clients_deleted",
  "user_code_guesses_exceeded",
  "user_created",
  "user_deleted",
  "user_disabled",
  "user_enabled",
  "workload_granted",
] as const;

export type AuditEventName = (typeof AUDIT_EVENTS)[number];

/**
 * The body of a CTE that records an event for each row of another CTE, which has user_id, client_id, resource_id and
 * family_id. The actor is recorded for people's acts. `details` holds anything else about a row, as JSON.
 */
export const auditEach = (
  name: AuditEventName,
  rows: SQL,
  { now, address, authority }: Actor,
  details: SQL | null = null,
): SQL => sql`
  insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details)
  select ${timestamptz(now)}, ${text(name)}, user_id, client_id, resource_id, family_id, ${text(address)}, ${
    typeof authority === "string"
      ? (details ?? sql`null::jsonb`)
      : sql`${details ?? sql`'{}'::jsonb`} || (
          select jsonb_build_object('by', s.user_id) from sessions s where s.digest = ${bytea(authority.digest)})`
  } from ${rows}`;

/**
 * Two CTEs: a change under its own name, and one that records an event for each row that the change returns. So neither
 * can be written without the other. The change returns `auditColumns`. `details` holds anything else about a row, as
 * JSON.
 */
export const recorded =
  (name: AuditEventName, rows: string, actor: Actor, details: SQL | null = null) =>
  (change: TemplateStringsArray, ...values: unknown[]): SQL =>
    sql`
  ${sql.raw(rows)} as (${sql(change, ...values)}),
  ${sql.raw(`${rows}_recorded`)} as (${auditEach(name, sql.raw(rows), actor, details)})`;

/** The columns that `auditEach` needs, for the RETURNING or SELECT of its rows. Those left out are null. */
export const auditColumns = ({
  userId,
  clientId,
  resourceId,
  familyId,
}: Partial<Record<AuditSubject, SQL>>): SQL => sql`
  ${userId ?? sql`null::uuid`} as user_id, ${clientId ?? sql`null::text`} as client_id,
  ${resourceId ?? sql`null::text`} as resource_id, ${familyId ?? sql`null::uuid`} as family_id`;

type AuditSubject = "userId" | "clientId" | "resourceId" | "familyId";

/** A refusal, and whom it was given to. */
export type RefusalEvent = {
  readonly name: AuditEventName;
  readonly userId?: string | null;
  readonly clientId?: string | null;
  readonly familyId?: string | null;
};

/** Refusals that anybody can cause without a credential, as often as they like. */
export const REFUSALS_OF_STRANGERS: readonly AuditEventName[] = [
  "account_locked",
  "assertion_refused",
  "client_authentication_failed",
  "identity_refused",
  "provider_failed",
  "registration_refused",
];
/**
 * The most rows an hour of such an event, from one address and in all. Further ones are counted without their details.
 */
const MAX_ROWS_OF_ADDRESS = 60;
const MAX_ROWS = 600;

/**
 * Records a refusal. It changes nothing, so no other statement can write its event. Equal refusals within a minute
 * share a row with a count. Parallel ones meet at the unique index, so that none is lost.
 */
export async function upsertRefusal(
  db: Database,
  { name, userId = null, clientId = null, familyId = null }: RefusalEvent,
  { now, address }: Actor,
): Promise<void> {
  const boundsReached = REFUSALS_OF_STRANGERS.includes(name)
    ? sql`
      select count(*) filter (where address is not distinct from ${text(address)}) >= ${integer(MAX_ROWS_OF_ADDRESS)} as of_address,
        count(*) >= ${integer(MAX_ROWS)} as of_all
      from (
        select address from audit_events
        where name = ${text(name)} and bucket is not null and counted_since >= date_trunc('hour', ${timestamptz(now)}, 'UTC')
        limit ${integer(MAX_ROWS)}) this_hour`
    : sql`select false as of_address, false as of_all`;
  await db.run(sql`
    with bounds_reached as (${boundsReached}),
    refusal as (
      select date_trunc(case when of_address or of_all then 'hour' else 'minute' end, ${timestamptz(now)}, 'UTC') as counted_since,
        case when not (of_address or of_all) then ${uuid(userId)} end as user_id,
        case when not (of_address or of_all) then ${text(clientId)} end as client_id,
        case when not (of_address or of_all) then ${uuid(familyId)} end as family_id,
        case when not of_all then ${text(address)} end as address
      from bounds_reached)
    insert into audit_events (at, name, user_id, client_id, family_id, address, counted_since, bucket)
    select ${timestamptz(now)}, ${text(name)}, user_id, client_id, family_id, address, counted_since,
      sha256(convert_to(jsonb_build_array(user_id, client_id, family_id, address)::text, 'UTF8'))
    from refusal
    on conflict (name, counted_since, bucket) where bucket is not null
      do update set count = audit_events.count + 1`);
}
