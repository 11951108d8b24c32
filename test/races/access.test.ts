import { sql } from "drizzle-orm";
import { describe, test } from "vitest";
import {
  deleteAccessRule,
  listAccessRules,
  updateResourceOpenness,
  upsertAccessRule,
} from "../../src/store/access-rules.ts";
import { deleteGroup, deleteGroupMember, insertGroup, insertGroupMember } from "../../src/store/groups.ts";
import { issueWhile } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { PAUSES, pauseAt, ROUNDS } from "../support/races.ts";
import { createParty, operator, type Party } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
const { id: resourceId } = gatehouse.resource;
await updateResourceOpenness(db, resourceId, false, operator());

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
        const expectAllEnded = await issueWhile(gatehouse, party, takeOut);
        await allow();
        await expectAllEnded();
      }
    },
  );
});
