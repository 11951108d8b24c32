import { sql } from "drizzle-orm";
import { expect, inject } from "vitest";
import { connectPostgres } from "../../src/dev/postgres.ts";
import type { Database } from "../../src/store/database.ts";
import type { Gatehouse } from "./gatehouse.ts";

/**
 * Runs SQL in a transaction that stays open until the gate waits for it, then commits, after another statement about
 * the first parameter if there is one. Returns the gate's answer.
 */
export async function whileUncommitted<T>(
  { services }: Gatehouse,
  statement: string,
  params: readonly unknown[],
  gate: () => Promise<T>,
  then: string | null = null,
): Promise<T> {
  const other = connectPostgres(inject("postgres"), new URL(services.databaseUrl).pathname.slice(1));
  await other.connect();
  await other.query("begin");
  await other.query(statement, [...params]);
  const running = gate();
  const first = await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 150, "waiting"))]);
  expect(first).toBe("waiting");
  if (then) await other.query(then, params.slice(0, 1));
  await other.query("commit");
  await other.end();
  return running;
}

/** Makes a statement sleep in the middle, so that others get in between. */
export const PAUSES = [
  "nowhere",
  "authorization_codes",
  "device_codes",
  "token_families",
  "refresh_tokens",
  "access_tokens",
  "users",
] as const;
/** The same for linked accounts and their use. */
const ACCOUNT_PAUSES = ["linked_accounts", "account_grants", "provider_states", "identities"] as const;
const TABLES = [...PAUSES.slice(1), ...ACCOUNT_PAUSES, "sessions"] as const;
type Pause = "nowhere" | (typeof TABLES)[number];

/** Makes every write to a table sleep for up to 20 ms, before it or after it, at random. */
export async function pauseAt(db: Database, pause: Pause): Promise<void> {
  await db.run(
    sql.raw(`create or replace function pause() returns trigger language plpgsql as
    $$ begin perform pg_sleep(random() * 0.02); return coalesce(new, old); end $$`),
  );
  for (const table of TABLES) {
    for (const moment of ["before", "after"]) {
      await db.run(sql.raw(`drop trigger if exists pause_${moment} on ${table}`));
      if (table !== pause) continue;
      await db.run(
        sql.raw(
          `create trigger pause_${moment} ${moment} insert or update or delete on ${table} for each row execute function pause()`,
        ),
      );
    }
  }
}

/** The number of violations of what must hold after any race. */
export async function countViolations(db: Database): Promise<Record<string, number>> {
  const [row] = await db.read<Record<string, number>>(sql`
    select
      (select count(*)::int from authorization_codes a
        where a.redeemed_at is not null
          and (select count(*) from token_families f where f.id = a.family_id) > 1) as "familiesOfACode",
      (select count(*)::int from (
        select family_id from refresh_tokens where used_at is null group by family_id having count(*) > 1) x) as "liveChains",
      (select count(*)::int from token_families f join users u on u.id = f.user_id
        where u.disabled_at is not null and f.revoked_at is null) as "familiesOfDisabledUsers",
      (select count(*)::int from token_families f join clients c on c.id = f.client_id
        where c.disabled_at is not null and f.revoked_at is null) as "familiesOfBlockedClients",
      (select count(*)::int from refresh_tokens r where r.used_at is not null and not exists (
        select from refresh_tokens n where n.family_id = r.family_id and n.generation = r.generation + 1)) as "spentWithoutSuccessor"`);
  return row ?? {};
}

export const NO_VIOLATIONS = {
  familiesOfACode: 0,
  liveChains: 0,
  familiesOfDisabledUsers: 0,
  familiesOfBlockedClients: 0,
  spentWithoutSuccessor: 0,
};

/** How often each race is run. */
export const ROUNDS = Number(process.env["RACE_ROUNDS"] ?? 2);

/** Starts work so many times at once. */
export const times = <T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));

/** Starts at a random moment within the next milliseconds, so that neither side of a race is always first. */
export const someTime = async <T>(work: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
  return work();
};
