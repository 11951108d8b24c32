import { describe, expect, test } from "vitest";
import { type AppRule, deleteAppRule, upsertAppRule } from "../../src/store/app-rules.ts";
import { issueWhile, redeem } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { PAUSES, pauseAt, ROUNDS, someTime } from "../support/races.ts";
import { createParty, digest, issueCode, operator } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;

/** Rules that refuse the apps of these tests, which registered themselves and send people to app.example. */
const RULES: readonly AppRule[] = [
  { kind: "registered", pattern: "*", decision: "refuse" },
  { kind: "redirect", pattern: "app.example", decision: "refuse" },
  { kind: "redirect", pattern: "*.example", decision: "refuse" },
];

describe.each(PAUSES)("races of rules about apps on Postgres, sleeping at %s", (pause) => {
  test.each(RULES)(
    `T7 $kind $pattern: whatever was issued while the owner refuses an app has ended for good (${ROUNDS} rounds)`,
    { timeout: 600_000 },
    async (rule) => {
      await pauseAt(db, pause);
      for (let round = 0; round < ROUNDS; round++) {
        const party = await createParty(gatehouse);
        const expectAllEnded = await issueWhile(gatehouse, party, () => upsertAppRule(db, rule, operator()));
        expect(await deleteAppRule(db, rule, operator())).toBe(true);
        await expectAllEnded();
      }
    },
  );
});

test(`A8 a code is issued before a rule is made, or not at all (${ROUNDS} rounds)`, { timeout: 600_000 }, async () => {
  await pauseAt(db, "authorization_codes");
  const rule = { kind: "registered", pattern: "*" } as const;
  for (let round = 0; round < ROUNDS; round++) {
    const [party, code] = [await createParty(gatehouse), digest()];
    const [issued] = await Promise.all([
      someTime(() => issueCode(party, code)),
      someTime(() => upsertAppRule(db, { ...rule, decision: "ask" }, operator())),
    ]);
    // A person who consented in time isn't asked about again.
    expect((await redeem(party, code)) !== null).toBe(issued);
    expect(await issueCode(party)).toBe(false);
    await deleteAppRule(db, rule, operator());
  }
});
