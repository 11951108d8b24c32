import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, expect, inject, test } from "vitest";
import { startWires } from "../../src/dev/local-services.ts";
import { createPostgresDatabase } from "../../src/dev/postgres.ts";
import { createDatabase } from "../../src/store/database.ts";
import { findCertificate, startHttps } from "../support/https-front.ts";
import { converse } from "../support/terminal.ts";
import { createWranglerDouble } from "../support/wrangler-double.ts";

const database = `setup_${randomBytes(6).toString("hex")}`;
const postgres = { ...inject("postgres"), stop: async () => {} };
await createPostgresDatabase(postgres, database);
const services = await startWires(postgres, database, "embedded");
const certificate = await findCertificate();
const upstash = await startHttps(certificate, () => services.redisUrl);
const wrangler = await createWranglerDouble(({ args }) =>
  args[0] === "whoami" ? { stdout: '{"loggedIn":true}' } : { code: 1, stderr: 'Worker "gatehouse" not found.' },
);
afterAll(() => Promise.all([upstash.stop(), services.stop(), wrangler.stop()]));

const CTRL_C = "\u0003";

test("P4 setup checks each answer that is typed and asks again, and Ctrl-C at the end leaves nothing half done", {
  timeout: 120_000,
}, async () => {
  const wrong = services.databaseUrl.replace(/:[^:@]+@/, ":a-password@");
  const { code, shown } = await converse(wrangler.env, certificate.cert, [
    ["Where will people reach it?", `${upstash.url}\r`],
    ["connection string of your Neon database", `${wrong}\r`],
    ["refused the user", `${services.databaseUrl}\r`],
    ["REST URL of your Upstash Redis", `${upstash.url}\r`],
    ["Its REST token", `${services.redisToken}\r`],
    ["Which browser origins", "\r"],
    ["MCP server", CTRL_C],
  ]);
  expect(code).toBe(1);
  expect(shown).toContain("Nothing was changed.");
  for (const secret of ["a-password", services.databaseUrl, services.redisToken]) expect(shown).not.toContain(secret);
  expect(await readdir(join(wrangler.folder, ".config/gatehouse")).catch(() => "nothing")).toBe("nothing");
  expect(wrangler.calls.map(({ args }) => args[0]).filter((name) => name === "deploy" || name === "secret")).toEqual(
    [],
  );
  const tables = await createDatabase(services.databaseUrl).read(
    sql`select table_name from information_schema.tables where table_schema = 'public'`,
  );
  expect(tables).toEqual([]);
});
