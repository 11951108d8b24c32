import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { errorOf, grantCode, grantTokens, refresh, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ vars: { AUDIT_DAYS: "400" } });
const { owner } = gatehouse;
const DAY = 24 * 3600;

async function counts(): Promise<Record<string, number>> {
  const tables = [
    "authorization_codes",
    "access_tokens",
    "refresh_tokens",
    "token_families",
    "sessions",
    "clients",
    "audit_events",
  ];
  const columns = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`);
  const [row] = await owner.db.read<Record<string, number>>(sql.raw(`select ${columns.join(", ")}`));
  return row ?? {};
}

test("what has outlived its use goes, and nothing before", async () => {
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const used = await registerClient(gatehouse);
  const unused = await registerClient(gatehouse);
  await grantCode(gatehouse, browser, used);
  const tokens = await grantTokens(gatehouse, browser, used);
  await refresh(gatehouse, used, tokens.refresh_token);
  const exists = async (id: string) => (await owner.db.read(sql`select id from clients where id = ${id}`)).length === 1;
  const before = await counts();

  await gatehouse.runScheduled();
  expect(await counts()).toEqual(before);

  // The sealed answer is of use for ten minutes; the row of its token for longer.
  const sealed = async () =>
    (await owner.db.read(sql`select 1 from refresh_tokens where sealed_answer is not null`)).length;
  expect(await sealed()).toBe(1);
  await gatehouse.moveClock(601);
  await gatehouse.runScheduled();
  expect([await sealed(), (await counts())["refresh_tokens"]]).toEqual([0, 2]);

  await gatehouse.moveClock(2 * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({
    authorization_codes: 0,
    access_tokens: 0,
    sessions: 0,
    refresh_tokens: 2,
    token_families: 1,
  });

  // A spent refresh token still tells of a theft as long as it would have been good.
  await gatehouse.moveClock(29 * DAY);
  await gatehouse.runScheduled();
  expect(await errorOf(await refresh(gatehouse, used, tokens.refresh_token))).toBe("400 invalid_grant");
  expect(await counts()).toMatchObject({ refresh_tokens: 2 });

  await gatehouse.moveClock(31 * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({ refresh_tokens: 0, token_families: 1 });
  expect([await exists(used.client_id), await exists(unused.client_id)]).toEqual([true, false]);

  // Revoked above as reuse, so a year from then the record goes, and the client with it.
  await gatehouse.moveClock((29 + 366) * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({ token_families: 0, clients: 0 });
  expect((await counts())["audit_events"]).toBeGreaterThan(0);

  await gatehouse.moveClock(900 * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({ audit_events: 0 });
  await gatehouse.moveClock(0);
});

test("many rows go in bounded batches, by two runs at once, without a deadlock", async () => {
  const client = await registerClient(gatehouse);
  await owner.db.run(sql`
    insert into audit_events (at, name) select now() - interval '500 days', 'signed_in' from generate_series(1, 12000)`);
  gatehouse.services.neon.reset();
  await Promise.all([gatehouse.runScheduled(), gatehouse.runScheduled()]);
  expect(gatehouse.services.neon.requests()).toBeLessThan(50);
  const [row] = await owner.db.read<{ n: number }>(sql`
    select count(*)::int as n from audit_events where at < now() - interval '400 days'`);
  expect(row?.n).toBe(0);
  expect((await owner.db.read(sql`select id from clients where id = ${client.client_id}`)).length).toBe(1);
});

test("the owner's clients stay: those made by hand, approved or blocked", async () => {
  const [approved, blocked] = [await registerClient(gatehouse), await registerClient(gatehouse)];
  await owner.db.run(sql`update clients set approved_fingerprint = fingerprint where id = ${approved.client_id}`);
  await owner.db.run(sql`update clients set disabled_at = now() where id = ${blocked.client_id}`);
  await gatehouse.moveClock(60 * DAY);
  await gatehouse.runScheduled();
  await gatehouse.moveClock(0);
  const rows = await owner.db.read<{ id: string }>(sql`select id from clients`);
  const left = rows.map(({ id }) => id);
  expect(left).toContain(approved.client_id);
  expect(left).toContain(blocked.client_id);
});
