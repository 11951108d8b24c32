import { readAuditEvents } from "../flows/admin/audit-log.ts";
import type { ListedAuditEvent } from "../store/audit-listing.ts";
import { connect } from "./database-connection.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

type AuditOptions = OutputOptions & {
  readonly event?: string;
  readonly user?: string;
  readonly client?: string;
  readonly days?: number;
  readonly limit: number;
};

/** `audit` */
export async function auditCommand({ event, user, client, days, limit, ...output }: AuditOptions): Promise<void> {
  const query = {
    name: event ?? null,
    email: user ?? null,
    clientId: client ?? null,
    days: days ?? null,
    limit,
  };
  const deps = await connect();
  const events: ListedAuditEvent[] = [];
  let before: number | null = null;
  do {
    const found: { events: ListedAuditEvent[]; next: number | null } = orFail(
      await readAuditEvents(deps, { ...query, before, limit: limit - events.length }),
    );
    events.push(...found.events);
    before = found.next;
  } while (before !== null && events.length < limit);
  const rows = events.map(({ at, name, email, userId, clientId, resourceId, address, details, count }) => [
    new Date(at * 1000).toISOString().replace(".000Z", "Z"),
    count > 1 ? `${name} (${count} times)` : name,
    email ?? userId ?? "",
    clientId ?? "",
    resourceId ?? "",
    address ?? "",
    Object.entries(details ?? {})
      .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(" "),
  ]);
  print(output, { events }, rows.length > 0 ? formatTable(rows) : "No events match.");
}
