import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { updatePassword } from "../../src/store/credentials.ts";
import { insertSetupLink } from "../../src/store/setup-links.ts";
import { disableUser } from "../../src/store/user-status.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { pauseAt, ROUNDS } from "../support/races.ts";
import { asking, createOwner, createParty, digest, operator, signIn } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
const count = async (query: ReturnType<typeof sql>) => (await db.read(query)).length;

describe.each(["nowhere", "users", "sessions"] as const)("races of people, sleeping at %s", (pause) => {
  test(`P2 sign-ins with the old password race its change (${ROUNDS} rounds)`, { timeout: 600_000 }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const party = await createParty(gatehouse);
      const attempts = [1, 2, 3].map(() => signIn(party));
      const changed = updatePassword(db, "new", asking(party));
      await Promise.all([...attempts, changed, signIn(party), signIn(party)]);
      expect(await changed).toBe(true);
      expect(await count(sql`select digest from sessions where user_id = ${party.userId}`)).toBe(1);
    }
  });

  test(`People: two invitations to one address leave one that works (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const pair = [await createOwner(gatehouse), await createOwner(gatehouse)];
      const email = `invited-${pause}-${round}@example.com`;
      const purpose = { kind: "invitation", role: "member", email } as const;
      const expiresAt = new Date(Date.now() + 1e6);
      const invite = (owner: (typeof pair)[number]) =>
        insertSetupLink(db, { digest: digest(), purpose, expiresAt }, asking(owner, "owner"));
      await Promise.all([...pair, ...pair].map(invite));
      expect(await count(sql`select from setup_links where email = ${email} and used_at is null`)).toBe(1);
    }
  });

  test(`People: two owners disable each other while both make links (${ROUNDS} rounds)`, {
    timeout: 600_000,
  }, async () => {
    await pauseAt(db, pause);
    for (let round = 0; round < ROUNDS; round++) {
      const pair = [await createOwner(gatehouse), await createOwner(gatehouse)] as const;
      const purpose = { kind: "invitation", role: "owner", email: null } as const;
      const work = pair.flatMap((owner, n) => [
        insertSetupLink(
          db,
          { digest: digest(), purpose, expiresAt: new Date(Date.now() + 1e6) },
          asking(owner, "owner"),
        ),
        disableUser(db, pair[1 - n]?.email ?? "", asking(owner, "owner")),
        signIn(owner),
      ]);
      const done = await Promise.all(work);
      expect([done[1], done[4]].filter(Boolean)).toHaveLength(1);
      const ofDisabled = sql`select from users u where u.disabled_at is not null and (
        exists (select from sessions s where s.user_id = u.id) or
        exists (select from setup_links l where l.created_by = u.id and l.used_at is null))`;
      expect(await count(ofDisabled)).toBe(0);
      for (const owner of pair) await disableUser(db, owner.email, operator());
    }
  });
});
