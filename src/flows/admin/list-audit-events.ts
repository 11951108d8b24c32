import { AUDIT_EVENTS } from "../../store/audit-events.ts";
import { type ListedAuditEvent, listAuditEvents as listNewest } from "../../store/audit-listing.ts";
import type { OwnerDeps } from "./owner-deps.ts";

export type AuditQuery = {
  readonly name: string | null;
  readonly email: string | null;
  readonly clientId: string | null;
  /** How many days back. */
  readonly days: number | null;
  readonly limit: number;
};

/** The newest events that match, newest first. */
export async function listAuditEvents(
  { db, now }: OwnerDeps,
  { name, email, clientId, days, limit }: AuditQuery,
): Promise<{ events: ListedAuditEvent[] } | { problem: string }> {
  if (name !== null && !AUDIT_EVENTS.some((known) => known === name)) {
    return { problem: `There is no such event. There are: ${AUDIT_EVENTS.join(", ")}.` };
  }
  const since = days === null ? null : new Date(now().getTime() - days * 24 * 60 * 60 * 1000);
  const filter = { name, email: email?.trim().toLowerCase() ?? null, clientId, since, limit: Math.min(limit, 1000) };
  return { events: await listNewest(db, filter) };
}
