import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { errorOf, grantCode, grantTokens, refresh, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ vars: { AUDIT_DAYS: "400" } });
const { owner } = gatehouse;
const DAY = 24 * 3600;

async function counts(): Promise<Record<string, number>> {
  const tables = [
    "authorization_codes",
    "access_tokens",
    "refresh_tokens",
    "token_families",
    "sessions",
    "clients",
    "audit_events",
    "audit_days",
    "refresh_days",
  ];
  const columns = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`);
  const [row] = await owner.db.read<Record<string, number>>(sql.raw(`select ${columns.join(", ")}`));
  return row ?? {};
}

test("rows are deleted when they are of no more use, and not before", async () => {
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const used = await registerClient(gatehouse);
  const unused = await registerClient(gatehouse);
  await grantCode(gatehouse, browser, used);
  const tokens = await grantTokens(gatehouse, browser, used);
  await refresh(gatehouse, used, tokens.refresh_token);
  const exists = async (id: string) => (await owner.db.read(sql`select id from clients where id = ${id}`)).length === 1;
  const before = await counts();

  await gatehouse.runScheduled();
  expect(await counts()).toEqual(before);

  // The sealed answer goes with the access token in it, but the row of its refresh token is useful for longer.
  const sealed = async () =>
    (await owner.db.read(sql`select 1 from refresh_tokens where sealed_answer is not null or rotated_by is not null`))
      .length;
  expect(await sealed()).toBe(1);
  await gatehouse.moveClock(3600 + 500);
  await gatehouse.runScheduled();
  expect(await sealed()).toBe(1);
  await gatehouse.moveClock(3600 + 605);
  await gatehouse.runScheduled();
  expect([await sealed(), (await counts())["refresh_tokens"]]).toEqual([0, 2]);

  await gatehouse.moveClock(2 * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({
    authorization_codes: 0,
    access_tokens: 0,
    refresh_tokens: 2,
    token_families: 1,
  });

  // A spent refresh token reveals a theft for as long as it would have been good.
  await gatehouse.moveClock(29 * DAY);
  await gatehouse.runScheduled();
  expect(await errorOf(await refresh(gatehouse, used, tokens.refresh_token))).toBe("400 invalid_grant");
  expect(await counts()).toMatchObject({ refresh_tokens: 2 });

  await gatehouse.moveClock(31 * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({ refresh_tokens: 0, token_families: 1, sessions: 0 });
  expect([await exists(used.client_id), await exists(unused.client_id)]).toEqual([true, false]);

  // Revoked above for reuse, so a year later the record goes, and the client with it.
  await gatehouse.moveClock((29 + 366) * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({ token_families: 0, clients: 0 });
  expect((await counts())["audit_events"]).toBeGreaterThan(0);
  expect((await counts())["refresh_days"]).toBe(1);

  await gatehouse.moveClock(900 * DAY);
  await gatehouse.runScheduled();
  expect(await counts()).toMatchObject({ audit_events: 0, audit_days: 0, refresh_days: 0 });
  await gatehouse.moveClock(0);
});

test("a client stays if it comes into use, however often the clean-up has looked at it", async () => {
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const client = await registerClient(gatehouse);
  await grantTokens(gatehouse, browser, client);
  for (const days of [31, 62, 93]) {
    await gatehouse.moveClock(days * DAY);
    await gatehouse.runScheduled();
  }
  await gatehouse.moveClock(0);
  expect(await owner.db.read(sql`select id from clients where id = ${client.client_id}`)).toHaveLength(1);
});

describe("many rows", () => {
  const manySessions = (rows: number) =>
    owner.db.run(sql`
      insert into sessions (digest, user_id, authentication_method, authenticated_at, last_seen_at, expires_at)
      select sha256(gen_random_uuid()::text::bytea), (select id from users limit 1), 'passkey', now(), now(),
        now() - interval '1 day' from generate_series(1, ${rows}::int)`);
  const expired = async () => {
    const [row] = await owner.db.read<{ sessions: number; challenges: number }>(sql`
      select (select count(*)::int from sessions where expires_at < now()) as sessions,
        (select count(*)::int from answered_challenges where expires_at < now()) as challenges`);
    return row;
  };

  test("many rows are deleted in bounded batches, by two runs at once, without a deadlock", async () => {
    await manySessions(30_000);
    gatehouse.services.neon.reset();
    await Promise.all([gatehouse.runScheduled(), gatehouse.runScheduled()]);
    expect(gatehouse.services.neon.requests()).toBeLessThan(50);
    expect(await expired()).toMatchObject({ sessions: 0 });
  });

  test("many rows of one table don't keep other tables from being cleaned up", async () => {
    const small = await startGatehouse({ vars: { CLEAN_UP_REQUESTS: "3" } });
    const { db } = small.owner;
    for (let part = 0; part < 4; part++) {
      await db.run(sql`
        insert into client_assertions (digest, request_id, expires_at)
        select sha256(gen_random_uuid()::text::bytea), gen_random_uuid(), now() - interval '1 day'
        from generate_series(1, 20000)`);
    }
    const tables = ["device_codes", "answered_challenges", "setup_links"];
    await db.run(sql`insert into answered_challenges values ('\\x01', now() - interval '1 day')`);
    await db.run(
      sql`insert into setup_links (digest, role, expires_at) values ('\\x01', 'member', now() - interval '1 day')`,
    );
    for (let run = 0; run < 8; run++) {
      small.services.neon.reset();
      await small.runScheduled({ rest: true });
      expect(small.services.neon.requests()).toBe(3);
    }
    const left = tables.map((table) => sql`(select count(*)::int from ${sql.identifier(table)})`);
    expect(await db.read(sql`select ${sql.join(left, sql` + `)} as "left"`)).toEqual([{ left: 0 }]);
    const [large] = await db.read<{ n: number }>(sql`select count(*)::int as n from client_assertions`);
    expect([0, 80_000]).not.toContain(large?.n);
  });
});

test("P5 after a run that found nothing, and only then, the database may sleep for six hours", async () => {
  const { services } = gatehouse;
  const asked = async () => {
    services.neon.reset();
    await gatehouse.runScheduled({ rest: true });
    return services.neon.requests() > 0;
  };
  await gatehouse.runScheduled();
  expect(await asked()).toBe(false);
  await gatehouse.moveClock(6 * 3600 + 60);
  await owner.db.run(sql`insert into answered_challenges values ('\\x02', now() - interval '1 day')`);
  expect([await asked(), await asked(), await asked()]).toEqual([true, true, false]);
  // A rest that was set by a clock that was ahead doesn't count.
  await gatehouse.moveClock(0);
  expect(await asked()).toBe(true);
});

test("P5 the clean-up also runs while Redis is down", async () => {
  await owner.db.run(sql`insert into answered_challenges values ('\\x03', now() - interval '1 day')`);
  gatehouse.services.upstash.inject("refuse", { times: 10 });
  await gatehouse.runScheduled({ rest: true });
  gatehouse.services.upstash.reset();
  expect(await owner.db.read(sql`select 1 from answered_challenges where digest = '\\x03'`)).toEqual([]);
});

test("clients that the owner made, approved or blocked stay", async () => {
  const [approved, blocked] = [await registerClient(gatehouse), await registerClient(gatehouse)];
  await owner.db.run(sql`update clients set approved_fingerprint = fingerprint where id = ${approved.client_id}`);
  await owner.db.run(sql`update clients set disabled_at = now() where id = ${blocked.client_id}`);
  await gatehouse.moveClock(60 * DAY);
  await gatehouse.runScheduled();
  await gatehouse.moveClock(0);
  const rows = await owner.db.read<{ id: string }>(sql`select id from clients`);
  const left = rows.map(({ id }) => id);
  expect(left).toContain(approved.client_id);
  expect(left).toContain(blocked.client_id);
});
