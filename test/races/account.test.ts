import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import {
  findLinkedAccount,
  leaseAccount,
  releaseAccount,
  updateAccountTokens,
} from "../../src/store/linked-accounts.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addGitHub } from "../support/providers.ts";
import { ROUNDS } from "../support/races.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
await addGitHub(gatehouse);

async function addAccount() {
  const { id } = await gatehouse.addPerson();
  await db.run(sql`
    insert into linked_accounts (id, user_id, provider, subject, label, scopes, sealed, wrapped_key, key_version)
    values (gen_random_uuid(), ${id}::uuid, 'github', '1', 'x', '{}', 'a', 'b', 'c') returning true`);
  const account = await findLinkedAccount(db, id, "github");
  if (!account) throw new Error("an account was expected");
  return account;
}

const tokens = (sealed: string) => ({
  secret: { sealed, wrappedKey: "b", keyVersion: "c" },
  scopes: [],
  expiresInSeconds: 60,
});

describe("L10 the lease on an account", () => {
  test("L10 if many isolates try to refresh an account, only one gets the lease", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const account = await addAccount();
      const leases = Array.from({ length: 20 }, () => crypto.randomUUID());
      const won = await Promise.all(leases.map((lease) => leaseAccount(db, account, lease, new Date())));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await leaseAccount(db, account, crypto.randomUUID(), new Date(Date.now() + 26_000))).toBe(true);
      await releaseAccount(db, account.id, leases[won.indexOf(true)] ?? "");
      expect(await leaseAccount(db, account, crypto.randomUUID(), new Date())).toBe(false);
    }
  });

  test("L10 if several isolates bring tokens for the same version, one writes them, and the old version can't be leased", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const account = await addAccount();
      const written = await Promise.all(
        ["one", "two", "three"].map((sealed) => updateAccountTokens(db, account, tokens(sealed), new Date())),
      );
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await leaseAccount(db, account, crypto.randomUUID(), new Date())).toBe(false);
      expect((await findLinkedAccount(db, account.userId, "github"))?.version).toBe(2);
    }
  });
});
