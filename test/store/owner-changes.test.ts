import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "../../src/store/actor.ts";
import { asOwner, createWorld, nobody, type World } from "../support/crowded-world.ts";
import { EVERY_STATEMENT } from "../support/every-statement.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const { db } = (await startGatehouse()).owner;

/** A digest of what each table holds. */
async function digestTables(): Promise<string> {
  const tables = await db.read<{ name: string }>(
    sql`select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  );
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

/** Whether a statement changes something for this actor. Null if it is no statement of owners. */
async function changes(name: string, actorIn: (world: World) => Actor): Promise<boolean | null> {
  const world = await createWorld(db);
  await EVERY_STATEMENT[FIRST[name] ?? ""]?.(world);
  let asked = false;
  const owner = () => {
    asked = true;
    return actorIn(world);
  };
  const before = await digestTables();
  await EVERY_STATEMENT[name]?.({ ...world, owner });
  return asked ? (await digestTables()) !== before : null;
}

const changed = new Map<string, boolean | null>();
for (const name of Object.keys(EVERY_STATEMENT)) changed.set(name, await changes(name, ({ owner }) => owner()));
const ofOwners = [...changed].filter(([, change]) => change !== null);

describe("A8 the statements that change something for owners check the right", () => {
  test.each(ofOwners)("A8 %s changes something for an owner, and nothing for anybody else", async (name, change) => {
    expect(change).toBe(true);
    expect(await changes(name, asOwner)).toBe(false);
    expect(await changes(name, nobody)).toBe(false);
  });
});
