import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { instant, json, text, uuid } from "./sql.ts";

/** Every event there is. An event is written by the statement that makes the change it records. */
export const AUDIT_EVENTS = [
  "account_locked",
  "authorization_denied",
  "authorization_granted",
  "client_approved",
  "client_authentication_failed",
  "client_changed",
  "client_deleted",
  "client_disabled",
  "client_enabled",
  "client_registered",
  "code_redeemed",
  "code_replayed",
  "family_revoked",
  "foreign_token_introspected",
  "initial_access_token_created",
  "initial_access_token_revoked",
  "introspection_credential_rotated",
  "refresh_replayed",
  "refresh_replayed_by_other_caller",
  "refresh_token_reused",
  "resource_added",
  "signed_in",
  "signed_out",
  "token_refreshed",
  "token_revoked",
  "user_created",
  "user_disabled",
  "user_enabled",
] as const;

export type AuditEventName = (typeof AUDIT_EVENTS)[number];

/** When something was done, and from which address. */
export type AuditContext = { readonly now: Date; readonly address: string | null };

/**
 * The body of a CTE that records an event for each row of another CTE,
 * which has user_id, client_id, resource_id and family_id.
 */
export const auditEach = (name: AuditEventName, rows: SQL, { now, address }: AuditContext): SQL => sql`
  insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
  select ${instant(now)}, ${text(name)}, user_id, client_id, resource_id, family_id, ${text(address)} from ${rows}`;

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
