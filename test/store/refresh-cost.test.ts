import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { consumeAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { connectExplained } from "../support/plans.ts";
import {
  createParty,
  digest,
  issueCode,
  LIFETIMES,
  newTokens,
  operator,
  PUBLIC,
  redemptionOf,
} from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const FAMILIES = 40;
const ROUNDS = 25;

// Postgres reuses room on a page once nobody can see the old version any more. Other tests on this server may delay
// that, and then it is tried again.
test("P6 a refresh rewrites its token where it is, and writes a bounded number of bytes", { retry: 2 }, async () => {
  const party = await createParty(gatehouse);
  // One connection, so that its write statistics are complete.
  const { db, end } = await connectExplained(gatehouse.services.databaseUrl);
  const heads: Uint8Array[] = [];
  for (let n = 0; n < FAMILIES; n++) {
    const [code, tokens] = [digest(), newTokens()];
    await issueCode(party, code);
    await consumeAuthorizationCode(party.db, redemptionOf(party, code), tokens, LIFETIMES, operator());
    heads.push(tokens.refreshDigest);
  }
  const measure = async () => {
    await db.run(sql`select pg_stat_force_next_flush()`);
    const [row] = await db.run<{ updates: number; inPlace: number; bytes: number }>(sql`
      select n_tup_upd::int as "updates", n_tup_hot_upd::int as "inPlace",
        (select sum(pg_total_relation_size(c.oid))::int from pg_class c
          where relname in ('refresh_tokens', 'access_tokens', 'audit_events', 'audit_days')) as "bytes"
      from pg_stat_user_tables where relname = 'refresh_tokens'`);
    if (!row) throw new Error("there are no statistics");
    return row;
  };
  const before = await measure();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, head] of heads.entries()) {
      const presented = { clientId: party.clientId, credential: PUBLIC, scopes: null, resourceUri: null };
      const successors = { ...newTokens(), sealedAnswer: "s".repeat(250) };
      await rotateRefreshToken(db, { ...presented, digest: head, caller: digest() }, successors, LIFETIMES, operator());
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
