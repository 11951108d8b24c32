import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { ReplayIntervals } from "../../src/store/refresh-tokens.ts";
import { connect, rotation } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { createParty, digest, LIFETIMES, newTokens } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const [winner, other] = [digest(), digest()];
const usedAt = new Date();

/** A token that `winner` rotated at `usedAt`. Returns the answer for somebody who presents it again. */
async function answerTo(caller: Uint8Array, secondsAfter: number, intervals: ReplayIntervals): Promise<string | null> {
  const party = await createParty(gatehouse);
  const { refreshDigest } = await connect(party);
  await rotation(party, refreshDigest, newTokens(), { caller: winner, now: usedAt });
  const now = new Date(usedAt.getTime() + secondsAfter * 1000);
  const again = { sealedAnswer: "another", caller, lifetimes: { ...LIFETIMES, ...intervals }, now };
  const answer = await rotation(party, refreshDigest, newTokens(), again);
  return "issued" in answer ? (answer.sealedAnswer ?? null) : null;
}

test.each<[string, Uint8Array, number, ReplayIntervals, boolean]>([
  ["yes for another caller within the reuse interval", other, 29, { reuseSeconds: 30, lostAnswerSeconds: 600 }, true],
  ["no for another caller after it", other, 31, { reuseSeconds: 30, lostAnswerSeconds: 600 }, false],
  ["yes for the same caller after it", winner, 31, { reuseSeconds: 30, lostAnswerSeconds: 600 }, true],
  ["no for the same caller after both intervals", winner, 601, { reuseSeconds: 30, lostAnswerSeconds: 600 }, false],
  // The loser's clock can be behind the winner's. Then an interval of zero seconds wouldn't be over yet.
  [
    "no for another caller whose clock is behind, without a reuse interval",
    other,
    -1,
    { reuseSeconds: 0, lostAnswerSeconds: 600 },
    false,
  ],
  [
    "no for the same caller whose clock is behind, without any interval",
    winner,
    -1,
    { reuseSeconds: 0, lostAnswerSeconds: 0 },
    false,
  ],
])("T4 whether a spent token is answered again: %s", async (_, caller, seconds, intervals, replayed) => {
  expect(await answerTo(caller, seconds, intervals)).toBe(replayed ? "sealed" : null);
});

test("T4 a sealed answer is erased once its successor is used, and wouldn't be given even if it were still there", async () => {
  const party = await createParty(gatehouse);
  const [first, second, third] = [await connect(party), newTokens(), newTokens()];
  const present = (from: typeof first, to: typeof first) => rotation(party, from.refreshDigest, to, { caller: winner });
  const stored = async () => {
    const rows = await party.db.read<{ answer: string | null }>(sql`
      select sealed_answer as answer from refresh_tokens where family_id = ${first.familyId}::uuid order by generation`);
    return rows.map(({ answer }) => answer);
  };
  const replay = () => present(first, newTokens());
  await present(first, second);
  expect(await stored()).toEqual(["sealed", null]);
  expect(await replay()).toMatchObject({ sealedAnswer: "sealed" });
  await present(second, third);
  expect(await stored()).toEqual([null, "sealed", null]);
  await party.db.run(sql`update refresh_tokens set sealed_answer = 'sealed' where family_id = ${first.familyId}::uuid`);
  expect(await replay()).toHaveProperty("refused");
});
