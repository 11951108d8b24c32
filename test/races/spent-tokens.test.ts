import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { expiredRows } from "../../src/store/expired-rows.ts";
import { revokeToken } from "../../src/store/revocations.ts";
import { connect, rotation } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { type PAUSES, pauseAt, ROUNDS, someTime } from "../support/races.ts";
import {
  createParty,
  digest,
  issuedTo,
  LIFETIMES,
  newTokens,
  operator,
  type Party,
  PUBLIC,
} from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
const HOUR = 3600;
const start = Date.now();
const [caller, monthLong] = [digest(), { ...LIFETIMES, refreshSeconds: 720 * HOUR, familySeconds: 8760 * HOUR }];
/** The clock so many hours from now. */
const at = (hours: number) => new Date(start + hours * HOUR * 1000);

const present = (party: Party, token: Uint8Array, hours: number, successors = newTokens()) =>
  rotation(party, token, successors, { caller, lifetimes: monthLong, now: at(hours) });

/** A connection that was refreshed this often, once an hour. Returns its refresh tokens, oldest first. */
async function refreshHourly(party: Party, times: number): Promise<{ familyId: string; tokens: Uint8Array[] }> {
  const first = await connect(party, monthLong);
  const tokens = [first.refreshDigest];
  for (let hour = 1; hour <= times; hour++) {
    const next = newTokens();
    expect(issuedTo(await present(party, tokens[hour - 1] as Uint8Array, hour, next))).not.toBeNull();
    tokens.push(next.refreshDigest);
  }
  return { familyId: first.familyId, tokens };
}

const revokedReason = async (familyId: string) => {
  const [row] = await db.read<{ reason: string | null }>(
    sql`select revoked_reason as "reason" from token_families where id = ${familyId}::uuid`,
  );
  return row?.reason;
};

const count = async (table: "refresh_tokens" | "spent_refresh_tokens", familyId: string) => {
  const [row] = await db.read<{ count: number }>(
    sql`select count(*)::int as "count" from ${sql.raw(table)} where family_id = ${familyId}::uuid`,
  );
  return row?.count;
};

test("T4 little is kept of a token that was spent long ago, but presenting it still counts as reuse", async () => {
  for (const generation of [0, 3, 4]) {
    const party = await createParty(gatehouse);
    const { familyId, tokens } = await refreshHourly(party, 5);
    expect([await count("refresh_tokens", familyId), await count("spent_refresh_tokens", familyId)]).toEqual([2, 4]);
    expect(await present(party, tokens[generation] as Uint8Array, 6)).toMatchObject({ replayed: true, familyId });
    expect(await revokedReason(familyId)).toBe("refresh_token_reused");
  }
});

test("T4 a spent token is deleted when it would have expired, and presenting it then ends nothing", async () => {
  const party = await createParty(gatehouse);
  const { familyId, tokens } = await refreshHourly(party, 5);
  const cleanUp = (hours: number) =>
    expiredRows({ replaySeconds: 600, auditDays: 365 }).spent_refresh_tokens(db, at(hours), 1000);
  await cleanUp(719);
  expect(await count("spent_refresh_tokens", familyId)).toBe(4);
  await cleanUp(720 + 48);
  expect(await count("spent_refresh_tokens", familyId)).toBe(0);
  const answer = await present(party, tokens[0] as Uint8Array, 720 + 48);
  expect(answer).toMatchObject({ refused: { tokenFound: false } });
  expect(await revokedReason(familyId)).toBeNull();
});

test("T4 V1 a token that was spent long ago revokes its family only for its own client", async () => {
  const [party, stranger] = [await createParty(gatehouse), await createParty(gatehouse)];
  const { familyId, tokens } = await refreshHourly(party, 3);
  const [oldest] = tokens as [Uint8Array];
  const revoke = ({ clientId }: Party) => revokeToken(db, { digest: oldest, clientId, credential: PUBLIC }, operator());
  expect(await present(stranger, oldest, 4)).toMatchObject({ refused: { tokenFound: false } });
  await revoke(stranger);
  expect(await revokedReason(familyId)).toBeNull();
  await revoke(party);
  expect(await revokedReason(familyId)).toBe("revoked_by_client");
});

test("P6 a token that was spent long ago takes at most two hundred bytes, including its indexes", async () => {
  const party = await createParty(gatehouse);
  await refreshHourly(party, 700);
  const [kept] = await db.read<{ bytes: number; rows: number }>(sql`
    select (pg_relation_size('spent_refresh_tokens') + pg_indexes_size('spent_refresh_tokens'))::int as "bytes", count(*)::int as "rows" from spent_refresh_tokens`);
  expect(kept?.rows).toBeGreaterThan(690);
  expect((kept?.bytes ?? 0) / (kept?.rows ?? 1)).toBeLessThan(200);
});

test.each(["nowhere", "token_families", "refresh_tokens"] satisfies (typeof PAUSES)[number][])(
  `T4 reuse is detected while a rotation archives spent tokens, sleeping at %s (${ROUNDS} rounds)`,
  { timeout: 600_000 },
  async (pause) => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const { familyId, tokens } = await refreshHourly(party, 3);
      const [oldest, , spentLast, head] = tokens as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const answers = await Promise.all(
        [head, spentLast, oldest].map((token) => someTime(() => present(party, token, 4))),
      );
      expect(answers.filter((answer) => "replayed" in answer && answer.replayed).length).toBeGreaterThan(0);
      expect(await revokedReason(familyId)).toBe("refresh_token_reused");
    }
    await pauseAt(db, "nowhere");
  },
);
