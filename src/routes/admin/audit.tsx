import { HTTPException } from "hono/http-exception";
import { exportAuditEvents, readAuditEvents } from "../../flows/admin/audit-log.ts";
import * as z from "../../lib/schema.ts";
import type { ListedAuditEvent } from "../../store/audit-listing.ts";
import type { AppContext } from "../app-env.ts";
import { optionalCount, pageNumber, readQuery, textField } from "../fields.ts";
import { AuditPage } from "../pages/admin/audit.tsx";
import { panelShellOf } from "../shell.ts";

const LIMIT = 50;

const filterQuery = z.object({
  event: textField(100),
  user: textField(320),
  client: textField(2000),
  resource: textField(2000),
  days: optionalCount(9999),
});
/** A part that shows nothing leads to the ids beside the one that it was asked with, so those are accepted, too. */
const pageQuery = z.extend(filterQuery, {
  before: optionalCount(Number.MAX_SAFE_INTEGER),
  after: optionalCount(Number.MAX_SAFE_INTEGER - 1, 0),
  page: pageNumber(),
});

/** `GET /admin/audit`. */
export async function getAudit(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const { before, after, page, ...filter } = readQuery(c, pageQuery);
  const listed = await readAuditEvents(deps, { ...toAuditQuery(filter), before, after, limit: LIMIT });
  const part =
    "problem" in listed ? { events: [], next: null, previous: null, ...listed } : { ...listed, problem: null };
  return c.html(<AuditPage {...{ shell: await panelShellOf(c), filter, page }} {...part} />, part.problem ? 400 : 200);
}

/** `GET /admin/audit.ndjson`: every event that matches, one JSON object a line, streamed from the database. */
export const getAuditExport = (c: AppContext): Response =>
  exportAs(c, "ndjson", "application/x-ndjson", "", (event) => JSON.stringify(event));

/** `GET /admin/audit.csv`: the same for a spreadsheet (RFC 4180). */
export const getAuditCsv = (c: AppContext): Response =>
  exportAs(c, "csv", "text/csv; charset=utf-8", `${CSV_COLUMNS.join(",")}\r\n`, (event) => `${toCsvRow(event)}\r`);

function exportAs(
  c: AppContext,
  extension: string,
  contentType: string,
  head: string,
  toLine: (event: ListedAuditEvent) => string,
): Response {
  const exported = exportAuditEvents(c.var.deps, toAuditQuery(readQuery(c, filterQuery)));
  if ("problem" in exported) throw new HTTPException(400, { message: exported.problem });
  const { batches } = exported;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(head)),
    async pull(controller) {
      const { value, done } = await batches.next();
      if (done) return controller.close();
      controller.enqueue(encoder.encode(value.map((event) => `${toLine(event)}\n`).join("")));
    },
  });
  return c.body(body, 200, {
    "Content-Type": contentType,
    "Content-Disposition": `attachment; filename="audit.${extension}"`,
  });
}

const CSV_COLUMNS = [
  "at",
  "name",
  "count",
  "email",
  "byEmail",
  "clientId",
  "clientName",
  "resourceId",
  "resourceName",
  "address",
] as const;

const toCsvRow = (event: ListedAuditEvent): string =>
  CSV_COLUMNS.map((column) =>
    toCsvCell(column === "at" ? new Date(event.at * 1000).toISOString() : event[column]),
  ).join(",");

/**
 * A spreadsheet runs a cell that begins like a formula, and whoever registered an app chose its name. A quote keeps the
 * cell a text. Where lists are separated by semicolons or tabs, a cell also begins after each of those, and some
 * programs read wide characters as narrow ones.
 */
const toCsvCell = (value: string | number | null): string =>
  `"${(value === null ? "" : String(value))
    .replaceAll(/(^|[;\t\r\n])(?=\s*[=+\-@\t\r＝＋－＠])/g, "$1'")
    .replaceAll('"', '""')}"`;

const toAuditQuery = ({ event, user, client, resource, days }: z.output<typeof filterQuery>) => ({
  name: event || null,
  email: user || null,
  clientId: client || null,
  resource: resource || null,
  days,
});
