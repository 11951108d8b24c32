import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/lib/hash.ts";
import {
  deleteAccessRule,
  listAccessRules,
  updateResourceOpenness,
  upsertAccessRule,
} from "../../src/store/access-rules.ts";
import { findAccessToken } from "../../src/store/access-tokens.ts";
import { consumeAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { deleteGroup, deleteGroupMember, insertGroup, insertGroupMember } from "../../src/store/groups.ts";
import { rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { PAUSES, pauseAt, ROUNDS } from "../support/races.ts";
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
const { id: resourceId } = gatehouse.resource;
await updateResourceOpenness(db, resourceId, false, operator());

const someTime = async <T>(work: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
  return work();
};
const isActive = async (access: Uint8Array) =>
  (await findAccessToken(db, { digest: access, credentialDigest, resourceId: null }, operator()))?.token != null;

/** The ways in which an owner lets somebody in, each with its undoing. */
const WAYS: Readonly<
  Record<string, (party: Party) => Promise<{ allow: () => Promise<unknown>; takeOut: () => Promise<unknown> }>>
> = {
  "a deleted rule": async ({ email }) => {
    const subject = { kind: "person", email } as const;
    return {
      allow: () => upsertAccessRule(db, resourceId, subject, null, operator()),
      takeOut: async () => {
        const rule = (await listAccessRules(db, resourceId, operator())).find(({ name }) => name === email);
        return deleteAccessRule(db, resourceId, rule?.id ?? "", operator());
      },
    };
  },
  "a rule that allows nothing": async ({ email }) => {
    const subject = { kind: "person", email } as const;
    return {
      allow: () => upsertAccessRule(db, resourceId, subject, null, operator()),
      takeOut: () => upsertAccessRule(db, resourceId, subject, ["mcp:prompts"], operator()),
    };
  },
  "leaving a group": async ({ email }) => {
    const groupId = await newGroup(email);
    return {
      allow: () => insertGroupMember(db, groupId, email, operator()),
      takeOut: () => deleteGroupMember(db, groupId, email, operator()),
    };
  },
  "the deletion of a group": async ({ email }) => {
    let groupId = await newGroup(email);
    await insertGroupMember(db, groupId, email, operator());
    return {
      allow: async () => {
        groupId = await newGroup(email);
        await insertGroupMember(db, groupId, email, operator());
      },
      takeOut: () => deleteGroup(db, groupId, operator()),
    };
  },
};

async function newGroup(name: string): Promise<string> {
  await insertGroup(db, { name, follows: null }, operator());
  await upsertAccessRule(db, resourceId, { kind: "group", name }, null, operator());
  // There are more of them here than a page lists.
  const [group] = await db.read<{ id: string }>(sql`select id from groups where name = ${name}`);
  return group?.id ?? "";
}

const redeem = async (party: Party, code: Uint8Array, tokens = newTokens()) =>
  issuedTo(await consumeAuthorizationCode(party.db, redemptionOf(party, code), tokens, LIFETIMES, operator()));
const rotate = async ({ clientId }: Party, token: Uint8Array, successors: ReturnType<typeof newTokens>) => {
  const presented = { digest: token, clientId, credential: PUBLIC, scopes: null, resourceUri: null, caller: digest() };
  return rotateRefreshToken(db, presented, { ...successors, sealedAnswer: null }, LIFETIMES, operator());
};

describe.each(PAUSES)("races of rules on Postgres, sleeping at %s", (pause) => {
  test.each(Object.keys(WAYS))(
    `T7 after %s takes somebody out, everything that was issued meanwhile has ended for good (${ROUNDS} rounds)`,
    {
      timeout: 600_000,
    },
    async (way) => {
      await pauseAt(db, pause);
      for (let round = 0; round < ROUNDS; round++) {
        const party = await createParty(gatehouse);
        const { allow, takeOut } = (await WAYS[way]?.(party)) ?? { allow: async () => {}, takeOut: async () => {} };
        await allow();
        const [code, first, fresh, successors, late] = [digest(), newTokens(), newTokens(), newTokens(), digest()];
        await issueCode(party, code);
        const { decide, poll } = await createDevice(party);
        await decide(["mcp:tools"]);
        expect(await redeem(party, code, first)).not.toBeNull();
        const second = digest();
        await issueCode(party, second);
        await Promise.all([
          someTime(() => issueCode(party, late)),
          someTime(() => redeem(party, second, fresh)),
          someTime(() => rotate(party, first.refreshDigest, successors)),
          someTime(() => poll()),
          someTime(takeOut),
        ]);
        const [alive] = await db.read<{ families: number }>(sql`
        select count(*)::int as families from token_families where user_id = ${party.userId}::uuid and revoked_at is null`);
        expect(alive).toEqual({ families: 0 });
        // If they are let in again, they start from nothing: nothing from before comes back, and no code waits.
        await allow();
        for (const { accessDigest } of [first, fresh, successors]) expect(await isActive(accessDigest)).toBe(false);
        expect(await redeem(party, late)).toBeNull();
      }
    },
  );
});
