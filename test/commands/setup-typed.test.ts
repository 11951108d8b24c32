import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import { afterAll, expect, inject, test } from "vitest";
import { startWires } from "../../src/dev/local-services.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createPostgresDatabase } from "../../src/dev/postgres.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { createDatabase } from "../../src/store/database.ts";
import { createCloudflare } from "../support/cloudflare.ts";
import { findCertificate, startHttps } from "../support/https-front.ts";
import { converse } from "../support/terminal.ts";

const database = `setup_${randomBytes(6).toString("hex")}`;
const postgres = { ...inject("postgres"), stop: async () => {} };
await createPostgresDatabase(postgres, database);
const services = await startWires(postgres, database, "embedded");
const certificate = await findCertificate();
const upstash = await startHttps(certificate, () => services.redisUrl);
const port = await findFreePort();
const front = await startHttps(certificate, () => `http://127.0.0.1:${port}`);
const cloudflare = await createCloudflare(port);
const { account, wrangler } = cloudflare;
afterAll(async () => {
  await cloudflare.stop();
  await Promise.all([front.stop(), upstash.stop(), services.stop()]);
});

const SERVER = "https://weather.example.com/mcp";
const kept = (name: string) => readFile(join(wrangler.folder, ".config/gatehouse", name), "utf8");
const changes = () =>
  wrangler.calls.map(({ args }) => args).filter(([name, verb]) => name === "deploy" || verb === "bulk");
const readServers = () => createDatabase(services.databaseUrl).read(sql`select uri from resources`);

test("P4 a first setup whose answers are typed completes, and a second one that is answered no changes nothing", {
  timeout: 180_000,
}, async () => {
  const { code, shown } = await converse(wrangler.env, certificate.cert, [
    ["Where will people reach it?", `${front.url}\r`],
    ["connection string of your Neon database", `${services.databaseUrl}\r`],
    ["REST URL of your Upstash Redis", `${upstash.url}\r`],
    ["Its REST token", `${services.redisToken}\r`],
    ["Which browser origins", "https://app.example\r"],
    ["first MCP server to protect", `${SERVER}\r`],
    ["Continue?", "y"],
  ]);
  expect([code, shown]).toEqual([0, expect.stringContaining(`${front.url} serves version`)]);
  const deployed = ["deploy", "--env=", "--var", `ISSUER:${front.url}`, "--var", "CORS_ORIGINS:https://app.example"];
  expect(changes()).toEqual([["secret", "bulk", "--env="], deployed]);
  expect(shown).toMatch(/https:\S+\/setup#\S+/);
  for (const text of ["claude mcp add --transport http weather", ".cursor/mcp.json", "INTROSPECTION_SECRET"])
    expect(shown).toContain(text);
  const keys = Object.values<string>(JSON.parse(await kept("production-keys.json")));
  const secrets = [services.databaseUrl, ...keys];
  for (const secret of [...secrets, services.redisToken]) expect(shown).not.toContain(secret);
  const pattern = secrets.flatMap((secret) => ["-e", secret]);
  const search = ["grep", "-lF", "--untracked", "--no-exclude-standard", ...pattern, "--", ".", ":!node_modules"];
  // Git ends with 1 if it finds nothing.
  await expect(promisify(execFile)("git", search, { cwd: projectFile(".") })).rejects.toMatchObject({ code: 1 });
  expect(await readServers()).toEqual([{ uri: SERVER }]);

  const before = [changes(), { ...account.secrets }, await kept("production.json"), await kept("production-keys.json")];
  const refused = await converse(wrangler.env, certificate.cert, [["Continue?", "n"]], ["--origins", "none"]);
  expect([refused.code, refused.shown]).toEqual([1, expect.stringContaining("Nothing was changed.")]);
  expect([changes(), account.secrets, await kept("production.json"), await kept("production-keys.json")]).toEqual(
    before,
  );
  expect(await readServers()).toEqual([{ uri: SERVER }]);
});
