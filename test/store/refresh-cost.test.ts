import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { listConnectionEvents } from "../../src/store/connection-events.ts";
import { connect, rotation } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { connectExplained } from "../support/plans.ts";
import { createParty, newTokens } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const FAMILIES = 20;
const ROUNDS = 20;

// Postgres reuses room on a page once nobody can see the old version any more. Other tests on this server may delay
// that, and then it is tried again.
test("P6 a refresh updates its token in place, and writes a bounded number of bytes", { retry: 2 }, async () => {
  const party = await createParty(gatehouse);
  // One connection, so that its write statistics are complete.
  const { db, end } = await connectExplained(gatehouse.services.databaseUrl);
  const heads: Uint8Array[] = [];
  for (let n = 0; n < FAMILIES; n++) {
    heads.push((await connect(party)).refreshDigest);
  }
  const measure = async () => {
    await db.run(sql`select pg_stat_force_next_flush()`);
    const [row] = await db.run<{ updates: number; inPlace: number; bytes: number }>(sql`
      select n_tup_upd::int as "updates", n_tup_hot_upd::int as "inPlace",
        (select sum(pg_total_relation_size(c.oid))::int from pg_class c
          where relname in ('refresh_tokens', 'access_tokens', 'recent_refreshes', 'audit_events', 'audit_days')) as "bytes"
      from pg_stat_user_tables where relname = 'refresh_tokens'`);
    if (!row) throw new Error("there are no statistics");
    return row;
  };
  const before = await measure();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, head] of heads.entries()) {
      const successors = newTokens();
      await rotation({ ...party, db }, head, successors, { sealedAnswer: "s".repeat(250) });
      heads[n] = successors.refreshDigest;
    }
  }
  const after = await measure();
  await end();

  const rotations = FAMILIES * ROUNDS;
  expect(after.updates - before.updates).toBeGreaterThanOrEqual(rotations);
  expect((after.inPlace - before.inPlace) / (after.updates - before.updates)).toBeGreaterThan(0.4);
  expect((after.bytes - before.bytes) / rotations).toBeLessThan(1600);
});

test("P6 an app that refreshes without end leaves a bounded record, and every refresh counts", async () => {
  const party = await createParty(gatehouse);
  const first = await connect(party);
  const now = new Date("2026-01-01T12:00:00Z");
  let head = first.refreshDigest;
  for (let n = 0; n < 130; n++) {
    const successors = newTokens();
    await rotation(party, head, successors, { sealedAnswer: null, now });
    head = successors.refreshDigest;
  }
  const ofFamily = sql`from recent_refreshes where family_id = ${first.familyId}`;
  expect(await party.db.read(sql`select refreshes, cardinality(seconds) as times ${ofFamily}`)).toEqual([
    { refreshes: 130, times: 100 },
  ]);
  const events = await listConnectionEvents(party.db, first.familyId, 500);
  const refreshes = events.filter(({ name }) => name === "token_refreshed");
  expect(refreshes.reduce((sum, { count }) => sum + count, 0)).toBe(130);
});
