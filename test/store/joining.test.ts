import { type SQL, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/crowded-world.ts";
import { EVERY_STATEMENT } from "../support/every-statement.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const { db } = (await startGatehouse()).owner;

const join = (world: World) => EVERY_STATEMENT["join by a provider"]?.(world);
const usersOf = ({ inviteeEmail }: World) => db.read(sql`select role from users where email = ${inviteeEmail}`);

describe("L8 the statement that makes a member of an invited person", () => {
  test("L8 makes one member, with the role of the invitation", async () => {
    const world = await createWorld(db);
    expect(await join(world)).toBe("joined");
    expect(await join(world)).not.toBe("joined");
    expect(await usersOf(world)).toEqual([{ role: "member" }]);
  });

  test.each<[string, SQL]>([
    ["that was used", sql`update setup_links set used_at = now() returning true`],
    ["that has expired", sql`update setup_links set expires_at = now() - interval '1 second' returning true`],
    ["that the owner has withdrawn", sql`delete from setup_links returning true`],
    ["for another address", sql`update setup_links set email = 'x@example.com' where role is not null returning true`],
  ])("L8 makes no member by an invitation %s", async (_, change) => {
    const world = await createWorld(db);
    await db.run(change);
    expect(await join(world)).toBe("void");
    expect(await usersOf(world)).toEqual([]);
  });

  test.each<[string, SQL]>([
    ["that wasn't claimed", sql`update provider_states set claimed_at = null returning true`],
    ["that was made for another purpose", sql`update provider_states set purpose = 'account' returning true`],
    ["that was spent", sql`delete from provider_states returning true`],
  ])("L8 makes no member with a state %s", async (_, change) => {
    const world = await createWorld(db);
    await db.run(change);
    expect(await join(world)).toBe("void");
    expect(await usersOf(world)).toEqual([]);
  });
});
