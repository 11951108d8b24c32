import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { listAuditEvents } from "../../src/store/audit-listing.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { fill, LARGEST_CLIENT } from "../support/growth.ts";
import { connectExplained, rowsRead } from "../support/plans.ts";

const gatehouse = await startGatehouse();
const { owner, services } = gatehouse;
const explained = await connectExplained(services.databaseUrl);

beforeAll(() => fill(gatehouse, Number(process.env["GROWTH_FAMILIES"] ?? 20_000)), 300_000);

test("P6 a page of the audit log reads only its own rows if the statistics missed the app of the newest event", async () => {
  await owner.db.run(sql`
    with other as (
      insert into clients
      select (jsonb_populate_record(c, '{"id": "client_z"}')).* from clients c where id = ${LARGEST_CLIENT} returning id)
    insert into audit_events (at, name, client_id) select now(), 'client_registered', id from other returning true`);
  const none = { name: null, email: null, clientId: null, resource: null, since: null, before: null, after: null };
  // Each time, Postgres samples other rows. Where it saw only the one app, it merged the page with all clients.
  for (let samples = 0; samples < 5; samples++) {
    await owner.db.run(sql`analyze audit_events, clients`);
    const plans = await explained.explain((db) => listAuditEvents(db, { ...none, limit: 51 }, owner.actor));
    expect(rowsRead(plans), plans.flatMap(({ scans }) => scans).join("\n")).toBeLessThanOrEqual(1000);
  }
}, 120_000);
