import { HTTPException } from "hono/http-exception";
import * as z from "zod";
import { exportAuditEvents, listAuditEvents } from "../../flows/admin/list-audit-events.ts";
import type { AppContext } from "../app-env.ts";
import { optionalCount, readQuery, text } from "../fields.ts";
import { panelFrameOf } from "../frame.ts";
import { AuditPage } from "../pages/admin/audit.tsx";

const LIMIT = 50;

const filterQuery = z.object({ event: text(100), user: text(320), client: text(2000), days: optionalCount(9999) });
const pageQuery = filterQuery.extend({ before: optionalCount(Number.MAX_SAFE_INTEGER) });

/** `GET /admin/audit`. */
export async function getAudit(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const { before, ...filter } = readQuery(c, pageQuery);
  const query = { ...toAuditQuery(filter), before, limit: LIMIT };
  const listed = await listAuditEvents(deps, query);
  const { events, next, problem } =
    "problem" in listed ? { events: [], next: null, ...listed } : { ...listed, problem: null };
  return c.html(
    <AuditPage {...{ frame: await panelFrameOf(c), events, filter, next, problem }} />,
    problem ? 400 : 200,
  );
}

/** `GET /admin/audit.ndjson`: every event that matches, one JSON object a line, read as it is sent. */
export function getAuditExport(c: AppContext): Response {
  const filter = toAuditQuery(readQuery(c, filterQuery));
  const exported = exportAuditEvents(c.var.deps, filter);
  if ("problem" in exported) throw new HTTPException(400, { message: exported.problem });
  const { batches } = exported;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await batches.next();
      if (done) return controller.close();
      controller.enqueue(encoder.encode(value.map((event) => `${JSON.stringify(event)}\n`).join("")));
    },
  });
  return c.body(body, 200, {
    "Content-Type": "application/x-ndjson",
    "Content-Disposition": 'attachment; filename="audit.ndjson"',
  });
}

const toAuditQuery = ({ event, user, client, days }: z.output<typeof filterQuery>) => ({
  name: event || null,
  email: user || null,
  clientId: client || null,
  days,
});
