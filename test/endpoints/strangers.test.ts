import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { AUDIT_EVENTS, type AuditEventName, REFUSALS_OF_STRANGERS } from "../../src/store/audit-events.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { postJson, REDIRECT_URI } from "../support/oauth-client.ts";

/**
 * Every event that somebody without a credential can cause, and its limit. All others need a session, a token, a code,
 * a client's secret, a resource's credential or the command line.
 */
const OF_STRANGERS: Partial<Record<AuditEventName, "rows an hour" | "registrations a day">> = {
  account_locked: "rows an hour",
  assertion_refused: "rows an hour",
  client_authentication_failed: "rows an hour",
  identity_refused: "rows an hour",
  provider_failed: "rows an hour",
  registration_refused: "rows an hour",
  client_registered: "registrations a day",
  // Events of clients that strangers registered, with the token that they got for it.
  client_changed: "registrations a day",
  client_deleted: "registrations a day",
};
const namesOf = (bound: string) => AUDIT_EVENTS.filter((name) => OF_STRANGERS[name] === bound);

test("Outages: refusals by strangers write at most 60 rows an hour for an address, and 600 in total", () => {
  expect(namesOf("rows an hour")).toEqual([...REFUSALS_OF_STRANGERS].sort());
});

test("Outages: an address that registers, changes and deletes clients writes only as many rows a day as it may register", async () => {
  const bound = 12;
  const gatehouse = await startGatehouse({
    vars: {
      LIMITS: "on",
      ...{
        LIMIT_REGISTER: "1000",
        LIMIT_REGISTER_ADDRESS: "1000",
        LIMIT_REGISTER_DAY: `${bound}`,
        LIMIT_OTHER: "1000",
      },
    },
  });
  await gatehouse.startMinute();
  const metadata = { client_name: "One", redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" };
  let changes = 0;
  for (let n = 0; n < 8; n++) {
    const registered = await postJson(`${gatehouse.issuer}/register`, metadata);
    if (registered.status === 429) continue;
    const client = (await registered.json()) as Record<string, string>;
    const headers = {
      Authorization: `Bearer ${client["registration_access_token"]}`,
      "Content-Type": "application/json",
    };
    const uri = client["registration_client_uri"] ?? "";
    const body = JSON.stringify({ ...metadata, client_id: client["client_id"], client_name: `Name ${++changes}` });
    for (let times = 0; times < 2; times++) await fetch(uri, { method: "PUT", headers, body });
    await fetch(uri, { method: "DELETE", headers });
  }
  const rows = await gatehouse.owner.db.read<{ name: AuditEventName; rows: number }>(
    sql`select name, count(*)::int as rows from audit_events where name like 'client%' group by 1 order by 1`,
  );
  const [changed, deleted, registered] = ["client_changed", "client_deleted", "client_registered"].map(
    (name) => rows.find((each) => each.name === name)?.rows ?? 0,
  );
  expect(rows.map(({ name }) => name)).toEqual(namesOf("registrations a day").sort());
  expect((registered ?? 0) + (changed ?? 0)).toBe(bound);
  expect(deleted).toBe(registered);
});

test("Outages: many addresses that register, change and delete clients write a bounded number of rows an hour in total", async () => {
  const gatehouse = await startGatehouse({ vars: { LIMITS: "on", MAX_UNUSED_CLIENTS: "1" } });
  await gatehouse.startMinute();
  const metadata = { client_name: "One", redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" };
  const from = (n: number) => ({ "CF-Connecting-IP": `192.0.2.${n}`, "Content-Type": "application/json" });
  const [registrations, changes]: [number[], number[]] = [[], []];
  for (let n = 0; n < 12; n++) {
    const registered = await postJson(`${gatehouse.issuer}/register`, metadata, from(n));
    registrations.push(registered.status);
    if (registered.status !== 201) continue;
    const client = (await registered.json()) as Record<string, string>;
    const uri = client["registration_client_uri"] ?? "";
    const authorization = { Authorization: `Bearer ${client["registration_access_token"]}` };
    for (let times = 0; times < (n === 0 ? 12 : 0); times++) {
      const body = JSON.stringify({ ...metadata, client_id: client["client_id"], client_name: `Name ${times}` });
      const headers = { ...from(100 + times), ...authorization };
      changes.push((await fetch(uri, { method: "PUT", headers, body })).status);
    }
    await fetch(uri, { method: "DELETE", headers: { ...from(n), ...authorization } });
  }
  const tenThenFull = (status: number) => [...Array.from({ length: 10 }, () => status), 503, 503];
  expect(registrations).toEqual(tenThenFull(201));
  expect(changes).toEqual(tenThenFull(200));
  const rows = await gatehouse.owner.db.read(sql`
    select name, count(*)::int as rows from audit_events
    where name in ('client_changed', 'client_deleted', 'client_registered') group by 1 order by 1`);
  expect(rows).toEqual(["client_changed", "client_deleted", "client_registered"].map((name) => ({ name, rows: 10 })));
});
