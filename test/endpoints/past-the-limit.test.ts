import { randomInt } from "node:crypto";
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createRedis } from "../../src/store/redis.ts";
import { askAtOnce, expectAdmitted } from "../support/at-once.ts";
import { PASSWORD, startGatehouse } from "../support/gatehouse.ts";
import { postJson } from "../support/oauth-client.ts";
import { type Route, readServerMap } from "../support/server-map.ts";

const gatehouse = await startGatehouse({
  vars: { LIMITS: "on", LIMIT_OTHER: "1", LIMIT_TOKEN: "1", LIMIT_TOKEN_ADDRESS: "1", LIMIT_REGISTER: "1" },
});
const { issuer, owner } = gatehouse;
const redis = createRedis(gatehouse.services.redisUrl, gatehouse.services.redisToken);
beforeEach(() => gatehouse.startMinute());

const newAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
const from = (address: string) => ({ "CF-Connecting-IP": address });
const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

/** A sign-in with a wrong password, from a page that the browser has loaded. */
async function guesser(address: string) {
  const page = await fetch(`${issuer}/login`, { headers: from(address) });
  const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? "";
  const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  return (email: string, password = "Wrong password 1") =>
    fetch(`${issuer}/login`, {
      method: "POST",
      redirect: "manual",
      headers: { ...from(address), Cookie: cookie },
      body: new URLSearchParams({ csrf, email, password }),
    });
}

const tables = await owner.db.read<{ name: string }>(sql`
  select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'refused_requests'`);

/**
 * Everything in the database, except for when somebody was last seen and the owner's record of refusals, and everything
 * in Redis, except for the counters of limits.
 */
async function state() {
  await settled();
  const counts = tables.map(
    ({ name }) => sql`select ${name}::text as name, (select count(*)::int from ${sql.identifier(name)}) as rows`,
  );
  const rows = await owner.db.read<{ name: string; rows: number }>(sql.join(counts, sql` union all `));
  const [events] = await owner.db.read(sql`select coalesce(sum(count), 0)::int as count from audit_events`);
  const keys = await redis.ask<string[]>("KEYS", "*");
  return {
    rows: Object.fromEntries(rows.map((row) => [row.name, row.rows])),
    events,
    keys: keys.filter((key) => !/^(rate:|login:attempts:)/.test(key)).sort(),
  };
}

describe("P1 P2 an address that has used up its ten sign-ins a minute", () => {
  test("P1 P2 locks no account, and leaves neither keys nor rows", async () => {
    const victim = await gatehouse.addPerson();
    const guess = await guesser(newAddress());
    for (let n = 0; n < 10; n++) expect((await guess(`nobody${n}@example.com`)).status).toBe(400);
    const before = await state();
    const statuses = [];
    for (let n = 0; n < 30; n++) statuses.push((await guess(n % 2 ? victim.email : `made-up${n}@example.com`)).status);
    expect(new Set(statuses)).toEqual(new Set([429]));
    expect(await state()).toEqual(before);
    // Its person signs in from elsewhere.
    const other = await guesser(newAddress());
    expect((await other(victim.email, PASSWORD)).status).toBe(303);
  });

  test("P1 P2 has as many attempts at once as one after the other", { timeout: 90_000 }, async () => {
    const answers = await askAtOnce(40, async () => {
      const guess = await guesser(newAddress());
      return (n) => guess(`crowd${n}@example.com`);
    });
    expectAdmitted(10, answers);
  });

  test("P1 P2 is slowed down after failing at twenty accounts, and can lock no more of them", {
    timeout: 90_000,
  }, async () => {
    const guess = await guesser(newAddress());
    const victim = await gatehouse.addPerson();
    try {
      for (let minute = 0; minute < 2; minute++) {
        for (let n = 0; n < 10; n++) expect((await guess(`m${minute}n${n}@example.com`)).status).toBe(400);
        await gatehouse.moveClock((minute + 1) * 240);
      }
      const before = await state();
      const refused = await guess(victim.email);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(60);
      expect(await state()).toEqual(before);
      // Attempts at an account that it has already failed at are still counted.
      expect((await guess("m0n0@example.com")).status).toBe(400);
    } finally {
      await gatehouse.moveClock(0);
    }
  });
});

/** Requests to these endpoints aren't counted, or are counted by a credential without which they are refused. */
const WITHOUT_LIMIT = ["/introspect", "/tool-calls", "/logo"];
const isLimited = ({ path, isPage }: Route) =>
  !WITHOUT_LIMIT.includes(path) && !/^\/\.well-known|\.(css|js|svg)$/.test(path) && !(isPage && path === "/");

describe("P1 a request that a limit refuses changes nothing", () => {
  const routes = new Map(
    readServerMap()
      .filter(isLimited)
      .map((route) => [`${route.method} ${route.path.replace(/[0-9a-f-]{36}/, ":id")}`, route]),
  );
  /** What each answered once its limit was used up, and what there was before and after. */
  const answers = new Map<string, number[]>();
  const states: Awaited<ReturnType<typeof state>>[] = [];

  beforeAll(async () => {
    await gatehouse.startMinute();
    const registration = { redirect_uris: ["https://app.example/cb"] };
    const registered = await postJson(`${issuer}/register`, registration, from(newAddress()));
    const { client_id } = (await registered.json()) as { client_id: string };
    const fields = { grant_type: "refresh_token", client_id, refresh_token: "x", token: "x", email: "a@b.example" };

    const limited = new Map<string, () => Promise<Response>>();
    for (const [title, { method, path }] of routes) {
      const address = newAddress();
      const { cookies } = await gatehouse.signedInBrowser(await gatehouse.addOwner());
      const headers = { ...from(address), Cookie: `gatehouse_session=${cookies.get("gatehouse_session")}` };
      const body = method === "POST" || method === "PUT" ? { body: new URLSearchParams(fields) } : {};
      const send = () =>
        path === "/register"
          ? postJson(issuer + path, registration, from(address))
          : fetch(issuer + path, { method, redirect: "manual", headers, ...body });
      let { status } = await send();
      for (let n = 0; n < 30 && status !== 429 && status !== 403; n++) ({ status } = await send());
      // A request that needs one of our forms is refused for that before it is counted.
      if (status === 403) answers.set(title, [403]);
      else limited.set(title, send);
    }
    states.push(await state());
    for (const [title, send] of limited)
      answers.set(title, [(await send()).status, (await send()).status, (await send()).status]);
    states.push(await state());
  }, 90_000);

  test.each([...routes.keys()])("P1 %s is refused past its limit, or before it is counted", (title) => {
    expect([[429, 429, 429], [403]]).toContainEqual(answers.get(title));
  });

  test("P1 then nothing has changed", () => {
    expect([...answers.values()].filter(([status]) => status === 429).length).toBeGreaterThan(30);
    expect(states[1]).toEqual(states[0]);
  });
});
