import { type AuditQuery, exportAuditEvents, listAuditEvents } from "../../flows/admin/list-audit-events.ts";
import { ownerDepsOf } from "../../flows/admin/owner-deps.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { AuditPage } from "../pages/admin/audit.tsx";
import { orRefuse } from "../redirect.ts";

const LIMIT = 50;

/** `GET /admin/audit`. */
export async function getAudit(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const before = Number(/^\d{1,15}$/.exec(c.req.query("before") ?? "")?.[0] ?? 0) || null;
  const listed = await listAuditEvents(ownerDepsOf(deps, session), { ...readFilter(c), before, limit: LIMIT + 1 });
  const [found, problem] = "problem" in listed ? [[], listed.problem] : [listed.events, null];
  const events = found.slice(0, LIMIT);
  const next = found.length > LIMIT ? (events.at(-1)?.id ?? null) : null;
  const [event, user, client, days] = ["event", "user", "client", "days"].map((name) => c.req.query(name) ?? "") as [
    string,
    string,
    string,
    string,
  ];
  const filter = { event, user, client, days };
  return c.html(
    <AuditPage {...{ frame: await panelFrameOf(c), events, filter, next, problem }} />,
    problem ? 400 : 200,
  );
}

/** `GET /admin/audit.ndjson`: every event that matches, one JSON object a line, read as it is sent. */
export function getAuditExport(c: AppContext): Response {
  const { batches } = orRefuse(exportAuditEvents(ownerDepsOf(c.var.deps, c.var.session), readFilter(c)));
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

function readFilter(c: AppContext): Omit<AuditQuery, "before" | "limit"> {
  const days = Number(/^\d{1,4}$/.exec(c.req.query("days") ?? "")?.[0] ?? 0);
  return {
    name: c.req.query("event") || null,
    email: c.req.query("user") || null,
    clientId: c.req.query("client") || null,
    days: days || null,
  };
}
