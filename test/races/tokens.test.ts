import { describe, expect, test } from "vitest";
import { consumeAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { disableClient, enableClient } from "../../src/store/client-status.ts";
import { deleteClient } from "../../src/store/clients.ts";
import { revokeEverything } from "../../src/store/emergency-revocation.ts";
import { expiredRows } from "../../src/store/expired-rows.ts";
import { revokeToken } from "../../src/store/revocations.ts";
import { revokeTokenFamilies } from "../../src/store/token-families.ts";
import { disableUser, enableUser } from "../../src/store/user-status.ts";
import { connect, isAccepted, redeem, redemption, rotate, rotation } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { countViolations, NO_VIOLATIONS, PAUSES, pauseAt, ROUNDS, someTime, times } from "../support/races.ts";
import {
  createParty,
  digest,
  issueCode,
  issuedTo,
  LIFETIMES,
  newTokens,
  operator,
  PUBLIC,
  redemptionOf,
  refusedFor,
} from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;

describe.each(PAUSES)("races on Postgres, sleeping at %s", (pause) => {
  test(`T3 of parallel redemptions, one wins (${ROUNDS} rounds)`, { timeout: 600_000 }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const code = digest();
      await issueCode(party, code);
      const wrong = { ...redemptionOf(party, code), codeChallenge: "d".repeat(43) };
      const [won, refused] = await Promise.all([
        times(12, () => someTime(() => redemption(party, code))),
        times(4, () => someTime(() => consumeAuthorizationCode(party.db, wrong, newTokens(), LIFETIMES, operator()))),
      ]);
      const issued = won.filter((each) => issuedTo(each) !== null);
      expect(issued).toHaveLength(1);
      // Every loser saw the winner, in the same call.
      for (const each of won) if (!issued.includes(each)) expect(each).toMatchObject({ replayed: true });
      for (const each of refused) expect(refusedFor(each)).toContain("verifierMatches");
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`T4 of parallel rotations, one wins, and the others get its answer (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const { refreshDigest } = await connect(party);
      const answers = await times(16, (n) =>
        someTime(async () => {
          const answer = await rotation(party, refreshDigest, newTokens(), { sealedAnswer: `answer ${n}` });
          if (issuedTo(answer)) return { won: true, answer: `answer ${n}` };
          return { won: false, answer: "issued" in answer ? answer.sealedAnswer : null };
        }),
      );
      expect(answers.filter(({ won }) => won)).toHaveLength(1);
      expect(new Set(answers.map(({ answer }) => answer)).size).toBe(1);
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`T7 redeeming and rotating race the disabling and enabling of the person (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const code = digest();
      await issueCode(party, code);
      const { accessDigest, refreshDigest } = await connect(party);
      const [fresh, successors] = [newTokens(), newTokens()];
      await Promise.all([
        someTime(() => redeem(party, code, fresh)),
        someTime(() => rotate(party, refreshDigest, successors)),
        someTime(() => disableUser(db, party.email, operator())),
      ]);
      await enableUser(db, party.email, operator());
      for (const token of [accessDigest, fresh.accessDigest, successors.accessDigest]) {
        // A code redeemed after the person was enabled again would be alive, but none was.
        expect(await isAccepted(gatehouse, token)).toBe(false);
      }
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`T7 redeeming and rotating race the blocking and deletion of the client (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const code = digest();
      await issueCode(party, code);
      const { accessDigest, refreshDigest } = await connect(party);
      const [fresh, successors] = [newTokens(), newTokens()];
      const end =
        round % 2 === 0
          ? () => disableClient(db, party.clientId, operator())
          : () => deleteClient(db, { id: party.clientId, registrationDigest: null }, operator());
      await Promise.all([
        someTime(() => redeem(party, code, fresh)),
        someTime(() => rotate(party, refreshDigest, successors)),
        someTime(end),
      ]);
      await enableClient(db, party.clientId, operator());
      for (const token of [accessDigest, fresh.accessDigest, successors.accessDigest])
        expect(await isAccepted(gatehouse, token)).toBe(false);
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`T4 V1 rotating races revocation, reuse and clean-up (${ROUNDS} rounds)`, { timeout: 600_000 }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const { accessDigest, refreshDigest, familyId } = await connect(party);
      const successors = newTokens();
      const ends = [
        () =>
          revokeToken(party.db, { digest: refreshDigest, clientId: party.clientId, credential: PUBLIC }, operator()),
        () => revokeTokenFamilies(db, { familyId }, "refresh_token_reused", operator()),
        () => revokeTokenFamilies(db, { userId: party.userId, clientId: party.clientId }, "code_replayed", operator()),
        () => revokeEverything(db, { kind: "client", id: party.clientId }, operator()),
      ];
      const cleanUp = async () => {
        const turns = Object.values(expiredRows({ replaySeconds: 600, auditDays: 365 }));
        for (const deleteExpired of turns) await deleteExpired(db, new Date(), 1000);
      };
      await Promise.all([
        ...ends.map((end) => someTime<unknown>(end)),
        someTime(() => rotate(party, refreshDigest, successors)),
        someTime(() => rotate(party, refreshDigest, newTokens())),
        someTime(cleanUp),
      ]);
      for (const token of [accessDigest, successors.accessDigest])
        expect(await isAccepted(gatehouse, token)).toBe(false);
      expect(await rotate(party, successors.refreshDigest, newTokens())).toBeNull();
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`A8 a consent form that is submitted many times at once issues one code (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const code = digest();
      expect(await times(12, () => someTime(() => issueCode(party, code)))).toEqual(Array(12).fill(true));
      expect((await times(8, () => someTime(() => redeem(party, code)))).filter((each) => each !== null)).toHaveLength(
        1,
      );
      expect(await issueCode(party, code)).toBe(false);
    }
  });

  test(`T7 a consent races the revocation of everything of its person (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const codes = Array.from({ length: 6 }, digest);
      const revoke = () => revokeEverything(db, { kind: "user", email: party.email }, operator());
      await Promise.all([...codes.map((code) => someTime(() => issueCode(party, code))), someTime(revoke)]);
      // Its session ended with it, so everything that was allowed before is gone, and nothing came after.
      for (const code of codes) expect(await redeem(party, code)).toBeNull();
    }
  });
});
