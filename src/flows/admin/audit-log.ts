import { AUDIT_EVENTS } from "../../store/audit-events.ts";
import { type ListedAuditEvent, listAuditEvents as listNewest } from "../../store/audit-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { toPage } from "./page.ts";

type AuditQuery = {
  readonly name: string | null;
  readonly email: string | null;
  readonly clientId: string | null;
  /** How many days back. */
  readonly days: number | null;
  /** Only events before the one with this id. */
  readonly before: number | null;
  readonly limit: number;
};

const MAX_LIMIT = 1000;

/**
 * The newest events that match, newest first, and the id before which the next page begins. That is null after the last
 * one.
 */
export async function readAuditEvents(
  { db, now, actor }: Pick<AdminDeps, "db" | "now" | "actor">,
  { name, email, clientId, days, before, limit }: AuditQuery,
): Promise<{ events: ListedAuditEvent[]; next: number | null } | { problem: string }> {
  const problem = findNameProblem(name);
  if (problem) return { problem };
  const since = days === null ? null : new Date(now().getTime() - days * 24 * 60 * 60 * 1000);
  const address = email?.trim().toLowerCase() ?? null;
  const most = Math.min(limit, MAX_LIMIT);
  const walked = await listNewest(db, { name, email: address, clientId, since, before, limit: most + 1 }, actor);
  const { items, next } = toPage(walked, most, ({ id }) => String(id));
  return { events: [...items], next: next === null ? null : Number(next) };
}

/** Every event that matches, newest first, a batch at a time. */
export function exportAuditEvents(
  deps: Pick<AdminDeps, "db" | "now" | "actor">,
  query: Omit<AuditQuery, "before" | "limit">,
): { batches: AsyncGenerator<readonly ListedAuditEvent[]> } | { problem: string } {
  const problem = findNameProblem(query.name);
  return problem ? { problem } : { batches: readBatches(deps, query) };
}

async function* readBatches(
  deps: Pick<AdminDeps, "db" | "now" | "actor">,
  query: Omit<AuditQuery, "before" | "limit">,
) {
  let before: number | null = null;
  while (true) {
    const page: Awaited<ReturnType<typeof readAuditEvents>> = await readAuditEvents(deps, {
      ...query,
      before,
      limit: MAX_LIMIT,
    });
    if ("problem" in page) return;
    yield page.events;
    before = page.next;
    if (before === null) return;
  }
}

const findNameProblem = (name: string | null): string | null =>
  name === null || AUDIT_EVENTS.some((known) => known === name)
    ? null
    : `There is no such event. The events are: ${AUDIT_EVENTS.join(", ")}.`;
