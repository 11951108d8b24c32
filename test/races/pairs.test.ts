import { sql } from "drizzle-orm";
import { expect, inject, test } from "vitest";
import { connectPostgres } from "../../src/dev/postgres.ts";
import { createDatabase, type Database } from "../../src/store/database.ts";
import { createWorld } from "../support/crowded-world.ts";
import { EVERY_STATEMENT } from "../support/every-statement.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { ROUNDS } from "../support/races.ts";

/** Races run side by side in databases of their own, since some statements concern everything in one. */
const LANES = 4;
const lanes = await Promise.all(Array.from({ length: LANES }, () => startGatehouse()));
const databases = lanes.map(({ services }) => createDatabase(services.databaseUrl));
const databaseNames = lanes.map(({ services }) => new URL(services.databaseUrl).pathname.slice(1));
const names = Object.keys(EVERY_STATEMENT);

/**
 * Every write of a row sleeps for a moment before and after it. Deadlocks are detected early, so that thousands of
 * races take only minutes.
 */
const makeWritesSleep = async (db: Database) => {
  await db.run(sql`create or replace function pause() returns trigger language plpgsql as
    $$ begin perform pg_sleep(random() * 0.006); return coalesce(new, old); end $$`);
  await db.run(sql`do $$ declare t text; moment text; begin
    for t in select tablename from pg_tables where schemaname = 'public' loop
      foreach moment in array array['before', 'after'] loop
        execute format('create or replace trigger pause_%s %s insert or update or delete on %I for each row execute function pause()',
          moment, moment, t);
      end loop;
    end loop;
    execute format('alter database %I set deadlock_timeout = ''50ms''', current_database());
  end $$`);
};

/** A connection's counts become visible to others once it has ended. */
async function countDeadlocks(): Promise<number> {
  const admin = connectPostgres(inject("postgres"), "postgres");
  await admin.connect();
  await admin.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = any($1)", [
    databaseNames,
  ]);
  const { rows } = await admin.query(
    "select sum(deadlocks)::int as deadlocks from pg_stat_database where datname = any($1)",
    [databaseNames],
  );
  await admin.end();
  return rows[0].deadlocks;
}

/** Runs statements at the same time in a world of their own. Returns what failed, and how. */
async function race(db: Database, statements: readonly string[]): Promise<string[]> {
  const world = await createWorld(db);
  const done = await Promise.allSettled(statements.map((name) => EVERY_STATEMENT[name]?.(world)));
  return done.flatMap((each, n) =>
    each.status === "rejected" ? [`${statements[n]}: ${each.reason} ${each.reason.constraint ?? ""}`] : [],
  );
}

/** Runs races in some lanes, or in all. Returns what failed. */
async function raceAll(races: readonly (readonly string[])[], within = databases): Promise<string[]> {
  await Promise.all(databases.map(makeWritesSleep));
  await countDeadlocks();
  const failures: string[] = [];
  const next = races[Symbol.iterator]();
  await Promise.all(
    within.map(async (db) => {
      for (const statements of next) failures.push(...(await race(db, statements)));
    }),
  );
  return failures;
}

const TOGETHER = Math.ceil(ROUNDS / 3);
test(`T8 all statements at once cause no deadlock, and none fails (${TOGETHER} rounds)`, {
  timeout: 600_000,
}, async () => {
  // Uses one lane, because so many statements wait for each other's locks that the last would miss its deadline beside others.
  expect(await raceAll(Array(TOGETHER).fill(names), databases.slice(0, 1))).toEqual([]);
  expect(await countDeadlocks()).toBe(0);
});

test("T8 no statement deadlocks with any other, and none fails", { timeout: 900_000 }, async () => {
  // A quick run only takes some of the pairs.
  const pairs = names
    .flatMap((one, n) => names.slice(n).map((other) => [one, other, one, other]))
    .filter((_, n) => ROUNDS >= 30 || n % 40 === 0);
  expect(await raceAll(pairs)).toEqual([]);
  expect(await countDeadlocks()).toBe(0);
});
