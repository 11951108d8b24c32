import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { neon as createDriver, neonConfig } from "@neondatabase/serverless";
import { sql } from "drizzle-orm";
import { afterAll, expect, inject, test } from "vitest";
import { stopServer } from "../../src/dev/json-server.ts";
import { startNeon } from "../../src/dev/neon.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createDatabase } from "../../src/store/database.ts";
import { connectNeon, isStatementError, isUnreachable } from "../../src/store/neon.ts";

// Compares with Neon's own driver, which knows what Neon sends and expects.
const postgres = { ...inject("postgres"), stop: async () => {} };
const standIn = await startNeon(postgres, "postgres", await findFreePort());

/** What was sent: the path, Neon's headers, and the body. */
const sent: { readonly path: string; readonly headers: Record<string, unknown>; readonly body: unknown }[] = [];
const recorder = createServer(async (request, response) => {
  const body = await text(request);
  const neonHeaders = Object.entries(request.headers).filter(([name]) => name.startsWith("neon-"));
  const { "neon-connection-string": connection, ...headers } = Object.fromEntries(neonHeaders);
  sent.push({ path: request.url ?? "", headers, body: JSON.parse(body) });
  const passedOn = { ...headers, "neon-connection-string": connection } as Record<string, string>;
  const answer = await fetch(standIn.databaseUrl.replace(/^.*@/, "http://").replace(/\/\w+$/, "/sql"), {
    method: "POST",
    headers: passedOn,
    body,
  });
  response.writeHead(answer.status, { "Content-Type": "application/json" }).end(await answer.text());
});
await new Promise<void>((resolve) => recorder.listen(0, "127.0.0.1", resolve));
const url = standIn.databaseUrl.replace(/:\d+\//, `:${(recorder.address() as AddressInfo).port}/`);
afterAll(async () => {
  await stopServer(recorder);
  await standIn.stop();
});

neonConfig.disableWarningInBrowsers = true;
neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
const driver = createDriver(url);

async function compare(statement: ReturnType<typeof sql>, query: string, params: unknown[]) {
  sent.length = 0;
  const own = await createDatabase(url).run(statement);
  const drivers = await driver.query(query, params);
  return { own, drivers, sent: [...sent] };
}

test("Neon §3 parameters with any text are sent as Neon's own driver sends them", async () => {
  const hard = ["plain", 'quo"te', "back\\slash", "com,ma", "{brace}", "NULL", "", "new\nline", "ü€😀"];
  const { own, drivers, sent } = await compare(
    sql`select ${sql.param([...hard, null])}::text[] as hard, ${42}::int as number, ${true}::boolean as yes, ${null}::text as nothing`,
    "select $1::text[] as hard, $2::int as number, $3::boolean as yes, $4::text as nothing",
    [[...hard, null], 42, true, null],
  );
  expect(sent[0]).toEqual(sent[1]);
  expect(own).toEqual(drivers);
  expect(own).toEqual([{ hard: [...hard, null], number: 42, yes: true, nothing: null }]);
});

test("Neon §3 values are read as Neon's own driver reads them", async () => {
  const query = `select true as yes, false as no, 7::int2 as small, -7::int4 as whole, 9007199254740993::int8 as large,
    1.5::float8 as part, 2.5::float4 as less, 3.75::numeric as exact, 'text' as text, null as nothing, '{}'::text[] as none,
    '{"a":[1,null,"x"]}'::jsonb as json, '"word"'::json as word, gen_random_uuid() is not null as random,
    '00000000-0000-4000-8000-000000000000'::uuid as id, 23::oid as oid`;
  const { own, drivers } = await compare(sql.raw(query), query, []);
  expect(own).toEqual(drivers);
});

test("Neon §3 several statements are sent as one transaction in one request", async () => {
  sent.length = 0;
  const own = await createDatabase(url).batch([sql`select 1 as one`, sql`select ${"2"}::text as two`]);
  const drivers = await driver.transaction([
    driver.query("select 1 as one"),
    driver.query("select $1::text as two", ["2"]),
  ]);
  expect(sent[0]).toEqual(sent[1]);
  expect(own).toEqual(drivers);
});

test("Neon §7 a refused statement is distinguished from an unreachable database, and neither error reveals what was sent", async () => {
  const query = (text: string, params: string[] = []) => ({ query: text, params });
  const refused = await connectNeon(url)
    .ask(query("select $1::int", ["a secret"]))
    .catch((error: unknown) => error);
  expect(isStatementError(refused) && refused.code).toBe("22P02");
  expect(JSON.stringify([refused, String(refused)])).not.toContain("secret");
  standIn.faults.inject("error_500", { times: 1 });
  const broken = await connectNeon(url)
    .ask(query("select 1"))
    .catch((error: unknown) => error);
  expect(isUnreachable(broken)).toBe(true);
  const nobody = await connectNeon(url.replace(/:\d+\//, ":9/"))
    .ask(query("select 1"))
    .catch((error: unknown) => error);
  expect(isUnreachable(nobody)).toBe(true);
  expect(String(nobody)).not.toContain(postgres.password);
});
