import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/lib/hash.ts";
import { findAccessToken } from "../../src/store/access-tokens.ts";
import { type AppRule, deleteAppRule, upsertAppRule } from "../../src/store/app-rules.ts";
import { consumeAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { PAUSES, pauseAt, ROUNDS, someTime } from "../support/races.ts";
import {
  createDevice,
  createParty,
  digest,
  issueCode,
  issuedTo,
  LIFETIMES,
  newTokens,
  operator,
  type Party,
  PUBLIC,
  redemptionOf,
} from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
const credentialDigest = await sha256(gatehouse.resource.secret);

const isActive = async (access: Uint8Array) =>
  (await findAccessToken(db, { digest: access, credentialDigest, resourceId: null }, operator()))?.token != null;

/** Rules that refuse the apps of these tests, which registered themselves and send people to app.example. */
const RULES: readonly AppRule[] = [
  { kind: "registered", pattern: "*", decision: "refuse" },
  { kind: "redirect", pattern: "app.example", decision: "refuse" },
  { kind: "redirect", pattern: "*.example", decision: "refuse" },
];

const redeem = async (party: Party, code: Uint8Array, tokens = newTokens()) =>
  issuedTo(await consumeAuthorizationCode(party.db, redemptionOf(party, code), tokens, LIFETIMES, operator()));
const rotate = async ({ clientId }: Party, token: Uint8Array, successors: ReturnType<typeof newTokens>) => {
  const presented = { digest: token, clientId, credential: PUBLIC, scopes: null, resourceUri: null, caller: digest() };
  return rotateRefreshToken(db, presented, { ...successors, sealedAnswer: null }, LIFETIMES, operator());
};

describe.each(PAUSES)("races of rules about apps on Postgres, sleeping at %s", (pause) => {
  test.each(RULES)(
    `T7 $kind $pattern: whatever was issued while the owner refuses an app has ended for good (${ROUNDS} rounds)`,
    { timeout: 600_000 },
    async (rule) => {
      await pauseAt(db, pause);
      for (let round = 0; round < ROUNDS; round++) {
        const party = await createParty(gatehouse);
        const [code, second, late] = [digest(), digest(), digest()];
        const [first, fresh, successors] = [newTokens(), newTokens(), newTokens()];
        await issueCode(party, code);
        const { decide, poll } = await createDevice(party);
        await decide(["mcp:tools"]);
        expect(await redeem(party, code, first)).not.toBeNull();
        await issueCode(party, second);
        await Promise.all([
          someTime(() => issueCode(party, late)),
          someTime(() => redeem(party, second, fresh)),
          someTime(() => rotate(party, first.refreshDigest, successors)),
          someTime(() => poll()),
          someTime(() => upsertAppRule(db, rule, operator())),
        ]);
        const [alive] = await db.read<{ families: number }>(sql`
          select count(*)::int as families from token_families where user_id = ${party.userId}::uuid and revoked_at is null`);
        expect(alive).toEqual({ families: 0 });
        // Let in again, it begins anew: nothing from before comes back, and no code waits.
        expect(await deleteAppRule(db, rule, operator())).toBe(true);
        for (const { accessDigest } of [first, fresh, successors]) expect(await isActive(accessDigest)).toBe(false);
        expect(await redeem(party, late)).toBeNull();
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
