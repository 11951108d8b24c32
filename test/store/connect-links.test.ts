import { type SQL, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "../../src/store/actor.ts";
import { consumeConnectLink } from "../../src/store/connect-links.ts";
import { storeLinkedAccount } from "../../src/store/linked-accounts.ts";
import { bytea } from "../../src/store/sql.ts";
import { createWorld, type World } from "../support/crowded-world.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const { owner } = await startGatehouse();
const { db } = owner;

type Use = (world: World, actor?: Actor) => Promise<boolean>;

const link =
  (account: { readonly subject?: string; readonly replaces?: number | null } = {}): Use =>
  ({ digests, accountId, member }, actor = member()) =>
    storeLinkedAccount(
      db,
      {
        stateDigest: digests.state,
        linkDigest: digests.connect,
        account: {
          ...{ id: accountId, replaces: 1, subject: "me", label: "me", scopes: ["read"], expiresInSeconds: null },
          secret: { sealed: "new", wrappedKey: "", keyVersion: "1" },
          ...account,
        },
      },
      actor,
    );
const useIt =
  (skip: boolean): Use =>
  ({ digests, member }, actor = member()) =>
    consumeConnectLink(db, digests.connect, { skip }, actor);

const WAYS: readonly [string, Use][] = [
  ["stores an account by a link", link()],
  ["allows the use of a linked account by a link", useIt(false)],
  ["skips the use of a linked account by a link", useIt(true)],
];

/** Nothing was written: neither an account nor its use, and the link is as it was. */
async function expectNothing({ accountId, digests }: World): Promise<void> {
  const [account] = await db.read(sql`
    select l.sealed, g.scopes, q.used_at as "usedAt" from linked_accounts l join account_grants g on g.account_id = l.id,
      connect_requests q where l.id = ${accountId} and q.digest = ${bytea(digests.connect)}`);
  expect(account).toMatchObject({ sealed: "", scopes: [] });
}

describe.each(WAYS)("L6 the statement that %s", (_, use) => {
  test("L6 works once, for the person whom the link was made for", async () => {
    const world = await createWorld(db);
    expect(await use(world)).toBe(true);
    expect(await use(world)).toBe(false);
  });

  test("L6 does nothing for anybody else, whatever the flow has checked before", async () => {
    const world = await createWorld(db);
    expect(await use(world, world.owner())).toBe(false);
    await expectNothing(world);
  });

  test("L6 does nothing after ten minutes", async () => {
    const world = await createWorld(db);
    await db.run(sql`update connect_requests set expires_at = now() - interval '1 second' returning true`);
    expect(await use(world)).toBe(false);
    await expectNothing(world);
  });
});

describe("L4 the statement that stores an account", () => {
  test.each<[string, Use, SQL | null]>([
    ["with another subject than the linked one", link({ subject: "other" }), null],
    ["beside the linked one", link({ replaces: null, subject: "other" }), null],
    ["that replaces another version", link({ replaces: 2 }), null],
    ["with a state that wasn't claimed", link(), sql`update provider_states set claimed_at = null returning true`],
    ["with the state of a sign-in", link(), sql`update provider_states set purpose = 'sign_in' returning true`],
    [
      "in a session that has ended",
      link(),
      sql`update sessions set expires_at = now() - interval '1 second' returning true`,
    ],
  ])("L4 an account %s isn't stored", async (_, use, before) => {
    const world = await createWorld(db);
    if (before) await db.run(before);
    expect(await use(world)).toBe(false);
    await expectNothing(world);
  });
});
