import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterAll, expect, inject, test } from "vitest";
import journal from "../../drizzle/meta/_journal.json" with { type: "json" };
import { migrate, migrateCommand } from "../../src/cli/migrate.ts";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { startWires } from "../../src/dev/local-services.ts";
import { signInOn } from "../../src/dev/person.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createPostgresDatabase } from "../../src/dev/postgres.ts";
import { gatehouseWorker } from "../../src/dev/stack.ts";
import { projectFile, startWorkers } from "../../src/dev/workerd.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { hashPassword } from "../../src/lib/password.ts";
import { randomBase64url } from "../../src/lib/random.ts";
import { TOKEN_KIND } from "../../src/oauth/token-kind.ts";
import { createDatabase } from "../../src/store/database.ts";
import { applyMigrations } from "../../src/store/migrations.ts";
import { bytea } from "../../src/store/sql.ts";
import { findCertificate, startHttps } from "../support/https-front.ts";
import { errorOf, grantTokens, introspect, refresh, registerClient, type Tokens } from "../support/oauth-client.ts";
import { createWranglerDouble } from "../support/wrangler-double.ts";

/** The last migration of the release in `last-release/`. */
const SCHEMA = "0006_growth";
const PERSON = { email: "ada@example.com", password: "Correct horse 1" };
const [serverKey = "", vaultKey = ""] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64url"));

const postgres = { ...inject("postgres"), stop: async () => {} };
const database = `upgrade_${randomBytes(6).toString("hex")}`;
await createPostgresDatabase(postgres, database);
const services = await startWires(postgres, database, "embedded");
const db = createDatabase(services.databaseUrl);
const migrations = readMigrationFiles({ migrationsFolder: projectFile("drizzle") });
await applyMigrations(db, migrations.slice(0, journal.entries.findIndex(({ tag }) => tag === SCHEMA) + 1));

/** Where requests go. Whatever listens there is the deployed version. */
let deployed = "";
const front = await startHttps(await findCertificate(), () => deployed);
const folder = await mkdtemp(join(tmpdir(), "gatehouse-release-"));
const lastRelease = join(folder, "worker.js");
await writeFile(
  lastRelease,
  brotliDecompressSync(await readFile(join(import.meta.dirname, "last-release/worker.js.br"))),
);
const [last, next] = [await start(lastRelease), await start(projectFile("src/worker.ts"))];
afterAll(async () => {
  await Promise.all([last.stop(), next.stop()]);
  await Promise.all([front.stop(), services.stop(), rm(folder, { recursive: true })]);
});

const soon = <T>(look: () => T) => expect.poll(look, { timeout: 30_000, interval: 20 });

async function start(entry: string) {
  const port = await findFreePort();
  const state = { serverKey, vaultKey, credentials: {} };
  const vars = { LIMITS: "off" };
  const worker = gatehouseWorker({ services, state, port, issuer: front.url, entry, vars });
  const running = await startWorkers([worker], () => {});
  return { url: `http://127.0.0.1:${port}`, stop: running.stop };
}

/** The data of the last release: a person and an MCP server, as it wrote them. */
async function seed() {
  // A credential minted without its key, as that release did.
  const secret = `${TOKEN_KIND.introspectionCredential}_${randomBase64url()}-${randomBase64url(6).slice(0, 6)}`;
  const resource = { id: "weather1", uri: "https://weather.example.com/mcp", secret };
  const { id, uri } = resource;
  await db.batch([
    sql`insert into users (email, role, password_hash, password_changed_at)
      values (${PERSON.email}, 'owner', ${await hashPassword(PERSON.password)}, now())`,
    sql`insert into resources (id, uri, name, is_default) values (${id}, ${uri}, 'Weather', true)`,
    sql`insert into scopes (resource_id, name, description, position) values (${id}, 'weather:read', 'Read', 0)`,
    sql`insert into introspection_credentials (digest, resource_id, slot) values (${bytea(await sha256(secret))}, ${id}, 1)`,
  ]);
  return resource;
}

test("P5 migrate --plan lists what the database of the last release lacks, and changes nothing", async () => {
  const wrangler = await createWranglerDouble(() => ({}));
  const env = { DATABASE_URL: services.databaseUrl };
  const planned = await wrangler.run(() => migrateCommand({ plan: true }), env);
  await wrangler.stop();
  for (const { tag } of journal.entries) expect(planned.stdout.includes(`-- ${tag}\n`)).toBe(tag > SCHEMA);
  expect(planned.stdout).toContain('CREATE TABLE "deployment"');
  expect(planned.stdout).toContain("-- the function introspect_");
  const [row] = await db.read<{ count: string }>(sql`select count(*) from drizzle.__drizzle_migrations`);
  expect(Number(row?.count)).toBe(journal.entries.filter(({ tag }) => tag <= SCHEMA).length);
});

/**
 * Statements that remove something the last release uses, or refuse what it writes. Its own statements may even have
 * begun before.
 */
const BREAKS: readonly RegExp[] = [
  /\bDROP (TABLE|COLUMN|FUNCTION)\b/i,
  /\bRENAME\b/i,
  /\bALTER COLUMN "\w+" (SET DATA )?TYPE\b/i,
  /\bADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL\b/i,
];

test.each(journal.entries.filter(({ tag }) => tag > SCHEMA))(
  "P5 the migration $tag only adds, and removes nothing",
  async ({ tag }) => {
    const text = await readFile(projectFile(`drizzle/${tag}.sql`), "utf8");
    const statements = text.replaceAll(/^--(?!>).*$/gm, "").split("--> statement-breakpoint");
    expect(statements.filter((statement) => BREAKS.some((breaks) => breaks.test(statement)))).toEqual([]);
    for (const [, column = ""] of text.matchAll(/ALTER COLUMN ("\w+") SET NOT NULL/g))
      expect(text).toMatch(new RegExp(`ADD COLUMN ${column} .*DEFAULT|ALTER COLUMN ${column} SET DEFAULT`));
  },
);

test("P5 a Worker that is newer than its database answers 503 and says why, and migrating before deploying loses no request", async () => {
  const gatehouse = { issuer: front.url, resource: await seed() } as never;
  deployed = last.url;
  const client = await registerClient(gatehouse);
  const browser = createHeadlessBrowser();
  await signInOn(browser, await browser.open(`${front.url}/login`), PERSON);
  const chains: Tokens[] = [];
  for (let number = 0; number < 3; number++) chains.push(await grantTokens(gatehouse, browser, client));

  // This version on the last schema: clients keep their tokens on a 503.
  deployed = next.url;
  const health = await fetch(`${front.url}/health`);
  expect([health.status, await health.json()]).toEqual([
    503,
    expect.objectContaining({ database: "behind", detail: expect.stringContaining("Run npm run db:migrate.") }),
  ]);
  for (const { refresh_token } of chains)
    expect(await errorOf(await refresh(gatehouse, client, refresh_token))).toBe("503 temporarily_unavailable");
  expect((await introspect(gatehouse, chains[0]?.access_token ?? "")).status).toBe(503);

  deployed = last.url;
  let isOver = false;
  let [before, after] = [0, 0];
  const lost: string[] = [];
  const expectOk = async (what: string, response: Response): Promise<unknown> => {
    const text = await response.text();
    if (deployed === last.url) before++;
    else after++;
    if (response.status !== 200) lost.push(`${what}: ${response.status} ${text}`);
    return response.status === 200 ? JSON.parse(text) : {};
  };
  const goOn = async (tokens: Tokens): Promise<Tokens> => {
    let current = tokens;
    while (!isOver && lost.length === 0) {
      current = (await expectOk("refresh", await refresh(gatehouse, client, current.refresh_token))) as Tokens;
      const checked = await expectOk("introspect", await introspect(gatehouse, current.access_token));
      if (!(checked as { active?: boolean }).active) lost.push("a token that was just given is not active");
    }
    return current;
  };
  const going = Promise.all(chains.map(goOn));
  await soon(() => [before > 10, lost]).toEqual([true, []]);
  await migrate(services.databaseUrl);
  const migrated = before;
  await soon(() => [before - migrated > 20, lost]).toEqual([true, []]);
  deployed = next.url;
  await soon(() => [after > 30, lost]).toEqual([true, []]);
  isOver = true;
  await going;
  expect(lost).toEqual([]);

  // A connection starts again too, and the person is still signed in.
  await grantTokens(gatehouse, browser, client);
  expect((await fetch(`${front.url}/health`)).status).toBe(200);
}, 240_000);
