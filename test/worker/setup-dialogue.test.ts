import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { sql } from "drizzle-orm";
import { afterAll, expect, inject, test } from "vitest";
import { startWires } from "../../src/dev/local-services.ts";
import { createPostgresDatabase } from "../../src/dev/postgres.ts";
import { createDatabase } from "../../src/store/database.ts";
import { CLI } from "../support/cli.ts";
import { findCertificate, startHttps } from "../support/https-front.ts";
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

/** What a terminal shows, without its control sequences and the frame. */
const plain = (shown: string): string => stripVTControlCharacters(shown).replaceAll(/[\s│]+/g, " ");

/** Runs `setup` in a terminal, and types each answer when its question is there. */
async function converse(answers: readonly (readonly [question: string, typed: string])[]) {
  const extraCa = join(wrangler.folder, "ca.pem");
  await writeFile(extraCa, certificate.cert);
  const { DATABASE_URL: _, NO_COLOR: __, CI: ___, ...shell } = process.env;
  const env = { ...shell, ...wrangler.env, NODE_EXTRA_CA_CERTS: extraCa, TERM: "xterm" };
  const command = `stty cols 200 rows 50; exec ${[process.execPath, ...CLI, "setup"].join(" ")}`;
  const terminal = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], { env });
  let [shown, from] = ["", 0];
  terminal.stdout.on("data", (chunk) => {
    shown += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    terminal.once("exit", resolve);
  });
  for (const [question, typed] of answers) {
    await expect.poll(() => plain(shown.slice(from)), { timeout: 20_000 }).toContain(question);
    from = shown.length;
    terminal.stdin.write(typed);
  }
  const code = await ended;
  return { code, shown: plain(shown) };
}

test("P4 what is typed is checked and asked for again; Ctrl-C at the end leaves nothing half done", {
  timeout: 120_000,
}, async () => {
  const wrong = services.databaseUrl.replace(/:[^:@]+@/, ":a-password@");
  const { code, shown } = await converse([
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
