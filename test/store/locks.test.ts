import { describe, expect, test } from "vitest";
import { DEVICE_CODE_GRANT } from "../../src/oauth/grant-type.ts";
import { insertDeviceCode } from "../../src/store/device-codes.ts";
import { insertMachineToken } from "../../src/store/machine-tokens.ts";
import { connect, redeem, rotate } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { whileUncommitted } from "../support/races.ts";
import {
  createDevice,
  createMachine,
  createParty,
  digest,
  issueCode,
  issuedTo,
  newTokens,
  operator,
  PUBLIC,
  refusedFor,
} from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();

async function prepare() {
  const party = await createParty(gatehouse);
  const code = digest();
  await issueCode(party, code);
  const tokens = await connect(party);
  return { party, tokens, redeem: () => redeem(party, code), rotate: () => rotate(party, tokens.refreshDigest) };
}

describe("T7 a gate waits for a change that is under way, and then takes it into account", () => {
  test("T7 redeeming a code waits until the person is disabled", async () => {
    const { party, redeem } = await prepare();
    expect(
      await whileUncommitted(gatehouse, "update users set disabled_at = now() where id = $1", [party.userId], redeem),
    ).toBeNull();
  });

  test("T7 redeeming a code waits until the client is blocked", async () => {
    const { party, redeem } = await prepare();
    expect(
      await whileUncommitted(
        gatehouse,
        "update clients set disabled_at = now() where id = $1",
        [party.clientId],
        redeem,
      ),
    ).toBeNull();
  });

  test("T7 redeeming a code waits until the client is deleted", async () => {
    const { party, redeem } = await prepare();
    expect(await whileUncommitted(gatehouse, "delete from clients where id = $1", [party.clientId], redeem)).toBeNull();
  });

  test("T7 a device's poll waits until the person is disabled", async () => {
    const party = await createParty(gatehouse);
    const { decide, poll } = await createDevice(party);
    await decide(["mcp:tools"]);
    const disable = "update users set disabled_at = now() where id = $1";
    expect(refusedFor(await whileUncommitted(gatehouse, disable, [party.userId], poll))).toEqual(["userEnabled"]);
  });

  test.each([
    ["blocked", "update clients set disabled_at = now() where id = $1"],
    ["deleted", "delete from clients where id = $1"],
  ])(
    "T8 a device's request and its poll wait until the client is %s, and neither fails with 500",
    async (_, change) => {
      const party = await createParty(gatehouse);
      const { decide, poll } = await createDevice(party);
      await decide(["mcp:tools"]);
      expect(issuedTo(await whileUncommitted(gatehouse, change, [party.clientId], poll))).toBeNull();
      const { db, clientId } = await createParty(gatehouse);
      const code = { digest: digest(), userCodeHash: digest(), lifetimeSeconds: 600, pollSeconds: 5 };
      const request = { clientId, credential: PUBLIC, resourceUri: null, scopes: null };
      const ask = () => insertDeviceCode(db, request, code, DEVICE_CODE_GRANT, operator());
      expect(await whileUncommitted(gatehouse, change, [clientId], ask)).toHaveProperty("refused");
    },
  );

  test.each([
    ["blocked", "update clients set disabled_at = now() where id = $1"],
    ["deleted", "delete from clients where id = $1"],
  ])("T7 a machine's request for a token waits until the machine is %s", async (_, change) => {
    const request = await createMachine(gatehouse);
    const ask = async () =>
      issuedTo(await insertMachineToken(gatehouse.owner.db, request, newTokens(), 3600, operator()));
    expect(await whileUncommitted(gatehouse, change, [request.clientId], ask)).toBeNull();
  });

  test("T7 a poll during which the person decides issues nothing, because it hasn't locked that person, but the next poll does", async () => {
    const party = await createParty(gatehouse);
    const { view, poll } = await createDevice(party);
    await view();
    const hold = "select from clients where id = $1 for update";
    const decide = `update device_codes d set decision = 'allowed', user_id = s.user_id from sessions s
      where d.client_id = $1 and s.digest = d.session_digest`;
    expect(refusedFor(await whileUncommitted(gatehouse, hold, [party.clientId], poll, decide))).toEqual([
      "codeDecided",
    ]);
    expect(issuedTo(await poll(new Date(Date.now() + 10_000)))).not.toBeNull();
  });

  test("T7 a rotation waits until the family is revoked", async () => {
    const { tokens, rotate } = await prepare();
    const revoke = "update token_families set revoked_at = now(), revoked_reason = 'revoked_by_owner' where id = $1";
    expect(await whileUncommitted(gatehouse, revoke, [tokens.familyId], rotate)).toBeNull();
  });
});
