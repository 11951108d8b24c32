import { type SQL, sql } from "drizzle-orm";
import type { Authority } from "./authority.ts";
import type { Database } from "./database.ts";
import { bytes, instant, json, text, uuid } from "./sql.ts";

/** Every event there is. An event is written by the statement that makes the change it records. */
export const AUDIT_EVENTS = [
  "account_locked",
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
  "family_revoked",
  "foreign_token_introspected",
  "initial_access_token_created",
  "initial_access_token_revoked",
  "introspection_credential_rotated",
  "passkey_added",
  "passkey_removed",
  "password_changed",
  "recovery_codes_made",
  "refresh_replayed",
  "refresh_replayed_by_other_caller",
  "refresh_token_reused",
  "resource_added",
  "resource_changed",
  "setup_link_created",
  "setup_link_revoked",
  "signed_in",
  "signed_in_with_recovery_code",
  "signed_out",
  "token_refreshed",
  "token_revoked",
  "tool_called",
  "user_code_guesses_exceeded",
  "user_created",
  "user_deleted",
  "user_disabled",
  "user_enabled",
] as const;

export type AuditEventName = (typeof AUDIT_EVENTS)[number];

/** When something is done, from which address and in whose name. */
export type AuditContext = { readonly now: Date; readonly address: string | null; readonly authority: Authority };

/**
 * The body of a CTE that records an event for each row of another CTE, which has user_id, client_id, resource_id and
 * family_id. What a person did says who.
 */
export const auditEach = (name: AuditEventName, rows: SQL, { now, address, authority }: AuditContext): SQL => sql`
  insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details)
  select ${instant(now)}, ${text(name)}, user_id, client_id, resource_id, family_id, ${text(address)}, ${
    typeof authority === "string"
      ? sql`null::jsonb`
      : sql`(select jsonb_build_object('by', s.user_id) from sessions s where s.digest = ${bytes(authority.digest)})`
  } from ${rows}`;

/** The columns that `auditEach` wants, for the RETURNING or SELECT of its rows; what is left out is null. */
export const auditColumns = ({
  userId,
  clientId,
  resourceId,
  familyId,
}: Partial<Record<AuditSubject, SQL>>): SQL => sql`
  ${userId ?? sql`null::uuid`} as user_id, ${clientId ?? sql`null::text`} as client_id,
  ${resourceId ?? sql`null::text`} as resource_id, ${familyId ?? sql`null::uuid`} as family_id`;

type AuditSubject = "userId" | "clientId" | "resourceId" | "familyId";

export type AuditEvent = {
  readonly name: AuditEventName;
  readonly userId?: string | null;
  readonly clientId?: string | null;
  readonly resourceId?: string | null;
  readonly familyId?: string | null;
  readonly details?: Record<string, string | number | boolean> | null;
};

/** Records what changed nothing (a refusal, say) and so has no statement to ride in. */
export const insertAuditEvent = (db: Database, event: AuditEvent, { now, address }: AuditContext) =>
  db.run(sql`
    insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details)
    values (${instant(now)}, ${text(event.name)}, ${uuid(event.userId ?? null)}, ${text(event.clientId ?? null)},
      ${text(event.resourceId ?? null)}, ${uuid(event.familyId ?? null)}, ${text(address)}, ${json(event.details ?? null)})`);
