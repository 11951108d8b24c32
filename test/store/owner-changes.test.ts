import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "../../src/store/actor.ts";
import { asOwner, createWorld, nobody, type World } from "../support/crowded-world.ts";
import { EVERY_STATEMENT } from "../support/every-statement.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const { db } = (await startGatehouse()).owner;

const tables = await db.read<{ name: string }>(
  sql`select tablename as name from pg_tables where schemaname = 'public'`,
);

/** A digest of what each table holds. */
async function digestTables(): Promise<string> {
  const contents = tables.map(
    ({ name }) => sql`select ${name} as name, md5(string_agg(t::text, '' order by t::text)) as digest
      from ${sql.identifier(name)} t`,
  );
  return JSON.stringify(await db.read(sql.join(contents, sql` union all `)));
}

/** What an owner does first, so that the other has something to change. */
const FIRST: Readonly<Record<string, string>> = {
  "join a group": "leave a group",
  "let a group use a server": "take a server from a group",
  "let a server use a provider": "let it no more",
  "let an app in": "keep an app out",
  "make an owner a member": "make a member an owner",
  "open a server": "restrict a server",
  "turn an issuer on": "turn an issuer off",
};

/** A world in which a statement has something to change. */
async function prepare(name: string): Promise<World> {
  const world = await createWorld(db);
  await EVERY_STATEMENT[FIRST[name] ?? ""]?.(world);
  return world;
}

/** Runs a statement for this actor. Returns whether it is a statement of owners. */
async function run(name: string, world: World, actor: Actor): Promise<boolean> {
  let asked = false;
  const owner = () => {
    asked = true;
    return actor;
  };
  await EVERY_STATEMENT[name]?.({ ...world, owner });
  return asked;
}

const ofOwners: string[] = [];
for (const name of Object.keys(EVERY_STATEMENT)) {
  const world = await createWorld(db);
  if (await run(name, world, world.owner())) ofOwners.push(name);
}

describe("A8 the statements that change something for owners check the right", () => {
  test.each(ofOwners)("A8 %s changes something for an owner, and nothing for anybody else", async (name) => {
    const world = await prepare(name);
    const before = await digestTables();
    for (const actor of [asOwner(world), nobody(world)]) {
      await run(name, world, actor);
      expect(await digestTables()).toBe(before);
    }
    await run(name, world, world.owner());
    expect(await digestTables()).not.toBe(before);
  });
});
