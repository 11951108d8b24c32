import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { disableClient, enableClient } from "../../src/store/client-status.ts";
import { deleteClient } from "../../src/store/clients.ts";
import { insertMachineToken } from "../../src/store/machine-tokens.ts";
import { disableUser } from "../../src/store/user-status.ts";
import { isAccepted } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { countViolations, NO_VIOLATIONS, PAUSES, pauseAt, ROUNDS, someTime, times } from "../support/races.ts";
import { createDevice, createMachine, createParty, issuedTo, newTokens, operator } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;

const deleteParty = (...[, id, context]: Parameters<typeof disableClient>) =>
  deleteClient(db, { id, registrationDigest: null }, context);

describe.each(PAUSES)("races of devices and machines on Postgres, sleeping at %s", (pause) => {
  test(`T3 T7 a device's polls race each other and the disabling of its person (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const { decide, poll } = await createDevice(party);
      expect(await decide(["mcp:tools"])).toBe(true);
      const [polled] = await Promise.all([
        times(12, () => someTime(() => poll())),
        round % 2 === 0 ? someTime(() => disableUser(db, party.email, operator())) : null,
      ]);
      const issued = polled.filter((each) => issuedTo(each) !== null);
      expect(issued.length).toBeLessThanOrEqual(1);
      if (round % 2 === 1) expect(issued).toHaveLength(1);
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`T7 a device's polls race the blocking and the deletion of its client (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const { decide, poll } = await createDevice(party);
      await decide(["mcp:tools"]);
      const end = round % 2 === 0 ? disableClient : deleteParty;
      await Promise.all([times(6, () => someTime(() => poll())), someTime(() => end(db, party.clientId, operator()))]);
      await enableClient(db, party.clientId, operator());
      const families = await db.read(sql`
        select from token_families where client_id = ${party.clientId} and revoked_at is null`);
      expect(families).toEqual([]);
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`RFC 8628 §5.4 two sessions that view a device code race opposite decisions and polls (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const [party, other] = [await createParty(gatehouse), await createParty(gatehouse)];
      const contested = await createDevice(party);
      const theirs = { digest: other.sessionDigest, idleSeconds: 3600 };
      const viewed = await times(8, (n) => someTime(() => contested.view(n % 2 === 0 ? undefined : theirs)));
      const [mine, foreign] = [0, 1].map((turn) => viewed.filter((each, n) => n % 2 === turn && each).length);
      expect([mine, foreign].sort()).toEqual([0, 4]);
      const device = await createDevice(party);
      await device.view();
      const [decided, polled] = await Promise.all([
        times(6, (n) => someTime(() => device.decide(n % 2 === 0 ? ["mcp:tools"] : null))),
        times(6, () => someTime(() => device.poll())),
      ]);
      expect(decided.filter(Boolean)).toHaveLength(1);
      const allowed = decided.findIndex(Boolean) % 2 === 0;
      const tokens = [...polled, await device.poll()].map(issuedTo).filter((each) => each !== null);
      expect(tokens).toHaveLength(allowed ? 1 : 0);
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });

  test(`T7 tokens for a machine race its blocking and its deletion (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const request = await createMachine(gatehouse);
      const ask = async () => {
        const tokens = newTokens();
        return { tokens, issued: issuedTo(await insertMachineToken(db, request, tokens, 3600, operator())) };
      };
      const before = await ask();
      expect(before.issued).not.toBeNull();
      const end = round % 2 === 0 ? disableClient : deleteParty;
      const [asked] = await Promise.all([
        times(8, () => someTime(ask)),
        someTime(() => end(db, request.clientId, operator())),
      ]);
      expect((await ask()).issued).toBeNull();
      await enableClient(db, request.clientId, operator());
      for (const { tokens } of [before, ...asked]) expect(await isAccepted(gatehouse, tokens.accessDigest)).toBe(false);
    }
    expect(await countViolations(db)).toEqual(NO_VIOLATIONS);
  });
});
