import { canonicalResource } from "../../oauth/resource.ts";
import { AUDIT_EVENTS } from "../../store/audit-events.ts";
import { type ListedAuditEvent, listAuditEvents as listNewest } from "../../store/audit-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { toPage } from "./page.ts";

type AuditQuery = {
  readonly name: string | null;
  readonly email: string | null;
  readonly clientId: string | null;
  /** The URI of a resource, or the id of one that was deleted. */
  readonly resource?: string | null;
  /** How many days back. */
  readonly days: number | null;
  /** Only events before the one with this id. */
  readonly before: number | null;
  /** Only the events that come next after the one with this id, to go back from older ones. */
  readonly after?: number | null;
  readonly limit: number;
};

const MAX_LIMIT = 1000;

/** A part of the log, newest first. */
type AuditPart = {
  readonly events: ListedAuditEvent[];
  /** The id before which the next part begins, or null after the last one. */
  readonly next: number | null;
  /** The id after which the part before this one ends, or null if this part begins the log. */
  readonly previous: number | null;
};

/** The newest events that match, or those that a part of the log asks for. */
export async function readAuditEvents(
  { db, now, actor }: Pick<AdminDeps, "db" | "now" | "actor">,
  { name, email, clientId, resource = null, days, before, after = null, limit }: AuditQuery,
): Promise<AuditPart | { problem: string }> {
  const problem = findNameProblem(name);
  if (problem) return { problem };
  const since = days === null ? null : new Date(now().getTime() - days * 24 * 60 * 60 * 1000);
  const filter = {
    ...{ name, clientId, since, before, after },
    email: email?.trim().toLowerCase() ?? null,
    resource: resource === null ? null : (canonicalResource(resource) ?? resource),
  };
  const most = Math.min(limit, MAX_LIMIT);
  const { items, next } = toPage(await listNewest(db, { ...filter, limit: most + 1 }, actor), most, ({ id }) =>
    String(id),
  );
  const further = next === null ? null : Number(next);
  if (after === null) {
    // A part may show nothing, and then the one before it ends where this one began.
    const first = items[0]?.id ?? (before === null ? null : before - 1);
    return { events: [...items], next: further, previous: before === null ? null : first };
  }
  return { events: items.toReversed(), next: items[0]?.id ?? after + 1, previous: further };
}

/** Every event that matches, newest first, a batch at a time. */
export function exportAuditEvents(
  deps: Pick<AdminDeps, "db" | "now" | "actor">,
  query: Omit<AuditQuery, "before" | "after" | "limit">,
): { batches: AsyncGenerator<readonly ListedAuditEvent[]> } | { problem: string } {
  const problem = findNameProblem(query.name);
  return problem ? { problem } : { batches: readBatches(deps, query) };
}

async function* readBatches(
  deps: Pick<AdminDeps, "db" | "now" | "actor">,
  query: Omit<AuditQuery, "before" | "after" | "limit">,
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
