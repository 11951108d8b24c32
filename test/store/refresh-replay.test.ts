import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { consumeAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { type ReplayIntervals, rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import { startGatehouse } from "../support/gatehouse.ts";
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
const [winner, other] = [digest(), digest()];
const usedAt = new Date();

/** A token that `winner` rotated at `usedAt`. Returns the answer for somebody who presents it again. */
async function answerTo(caller: Uint8Array, secondsAfter: number, intervals: ReplayIntervals): Promise<string | null> {
  const party = await createParty(gatehouse);
  const [code, tokens] = [digest(), newTokens()];
  await issueCode(party, code);
  await consumeAuthorizationCode(party.db, redemptionOf(party, code), tokens, LIFETIMES, operator());
  const presented = {
    digest: tokens.refreshDigest,
    clientId: party.clientId,
    credential: PUBLIC,
    scopes: null,
    resourceUri: null,
  };
  const successors = { ...newTokens(), sealedAnswer: "sealed" };
  await rotateRefreshToken(party.db, { ...presented, caller: winner }, successors, LIFETIMES, {
    now: usedAt,
    address: null,
    authority: "nobody",
  });
  const now = new Date(usedAt.getTime() + secondsAfter * 1000);
  const fresh = { ...newTokens(), sealedAnswer: "another" };
  const actor = { now, address: null, authority: "nobody" } as const;
  const answer = await rotateRefreshToken(
    party.db,
    { ...presented, caller },
    fresh,
    { ...LIFETIMES, ...intervals },
    actor,
  );
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
  const [code, first, second, third] = [digest(), newTokens(), newTokens(), newTokens()];
  await issueCode(party, code);
  await consumeAuthorizationCode(party.db, redemptionOf(party, code), first, LIFETIMES, operator());
  const present = ({ refreshDigest }: typeof first) => ({
    digest: refreshDigest,
    clientId: party.clientId,
    credential: PUBLIC,
    scopes: null,
    resourceUri: null,
    caller: winner,
  });
  const rotate = (from: typeof first, to: typeof first) =>
    rotateRefreshToken(party.db, present(from), { ...to, sealedAnswer: "sealed" }, LIFETIMES, operator());
  const stored = async () => {
    const rows = await party.db.read<{ answer: string | null }>(sql`
      select sealed_answer as answer from refresh_tokens where family_id = ${first.familyId}::uuid order by generation`);
    return rows.map(({ answer }) => answer);
  };
  const replay = () => rotate(first, newTokens());
  await rotate(first, second);
  expect(await stored()).toEqual(["sealed", null]);
  expect(await replay()).toMatchObject({ sealedAnswer: "sealed" });
  await rotate(second, third);
  expect(await stored()).toEqual([null, "sealed", null]);
  await party.db.run(sql`update refresh_tokens set sealed_answer = 'sealed' where family_id = ${first.familyId}::uuid`);
  expect(await replay()).toHaveProperty("refused");
});
