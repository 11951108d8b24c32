import { readFileSync } from "node:fs";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { migrate } from "../../src/cli/migrate.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { postForm } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
const read = (path: string) => JSON.parse(readFileSync(projectFile(path), "utf8"));
const { version } = read("package.json");
const last = read("drizzle/meta/_journal.json").entries.at(-1);
const sound = { version, schema: last.tag, database: "ok", redis: "ok" };

const health = async () => {
  const response = await fetch(`${gatehouse.issuer}/health`);
  return { status: response.status, body: await response.json() };
};

test("P5 /health reports version, schema, database and Redis, and is 503 only without the database", async () => {
  const { neon, upstash } = gatehouse.services;
  expect(await health()).toEqual({ status: 200, body: { status: "ok", ...sound } });
  upstash.inject("refuse");
  expect(await health()).toEqual({ status: 200, body: { status: "ok", ...sound, redis: "unreachable" } });
  neon.inject("refuse");
  expect(await health()).toEqual({
    status: 503,
    body: { status: "unavailable", ...sound, database: "unreachable", redis: "unreachable" },
  });
  neon.reset();
  upstash.reset();
  expect((await health()).status).toBe(200);
});

test("P5 a Worker that is newer than its database says what is missing, and recovers with the migration", async () => {
  const lost = (name: string) => ({
    status: 503,
    body: {
      ...{ status: "unavailable", ...sound, database: "behind" },
      detail: `This version is ahead of its database, which lacks ${name}. Run npm run db:migrate.`,
    },
  });
  await db.run(sql`alter function introspect_2 rename to introspect_0`);
  expect(await health()).toEqual(lost("introspect_2"));
  await migrate(gatehouse.services.databaseUrl);
  expect((await health()).status).toBe(200);
  await db.run(sql`update drizzle.__drizzle_migrations set created_at = 1 where created_at = ${last.when}::bigint`);
  expect(await health()).toEqual(lost(last.tag));
  expect(gatehouse.logs.some(({ message }) => message.includes("database_behind"))).toBe(true);
  await db.run(sql`update drizzle.__drizzle_migrations set created_at = ${last.when}::bigint where created_at = 1`);
});

test("P5 an endpoint whose table is missing answers 503, so that clients keep their tokens, and logs why", async () => {
  await db.run(sql`alter table clients rename to clients_elsewhere`);
  const refused = await fetch(`${gatehouse.issuer}/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ redirect_uris: ["https://app.example/cb"] }),
  });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect(gatehouse.logs.some(({ message }) => message.includes("run npm run db:migrate"))).toBe(true);
  await db.run(sql`alter table clients_elsewhere rename to clients`);
});

test("Outages: the request id of a refusal is in its header and in the log, together with the app", async () => {
  const answer = await postForm(`${gatehouse.issuer}/token`, {
    grant_type: "refresh_token",
    client_id: "nobody-knows-it",
    refresh_token: "nothing",
  });
  const id = answer.headers.get("X-Request-Id") ?? "";
  expect(id).toMatch(/^[\w-]{8}$/);
  const line = gatehouse.logs.map(({ message }) => message).find((message) => message.includes(id)) ?? "{}";
  expect(JSON.parse(line)).toMatchObject({ event: "refused", requestId: id, clientId: "nobody-knows-it" });
});
