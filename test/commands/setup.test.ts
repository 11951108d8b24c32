import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, inject, test, vi } from "vitest";
import { collectAnswers } from "../../src/cli/setup/ask.ts";
import { deployCommand } from "../../src/cli/setup/deploy-command.ts";
import { type SetupOptions, setupCommand } from "../../src/cli/setup/setup-command.ts";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { startWires } from "../../src/dev/local-services.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createPostgresDatabase } from "../../src/dev/postgres.ts";
import { CLI } from "../support/cli.ts";
import { createCloudflare } from "../support/cloudflare.ts";
import { findCertificate, startHttps } from "../support/https-front.ts";

// It starts programs and bundles Workers, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });
const postgres = { ...inject("postgres"), stop: async () => {} };
const database = `setup_${randomBytes(6).toString("hex")}`;
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

const extraCa = join(wrangler.folder, "ca.pem");
await writeFile(extraCa, certificate.cert);
const SECRETS = { DATABASE_URL: services.databaseUrl, UPSTASH_REDIS_REST_TOKEN: services.redisToken };
const SERVER = "https://weather.example.com/mcp";
const ANSWERS = { url: front.url, redisUrl: upstash.url, origins: "https://app.example" };
const setup = (options: Partial<SetupOptions> = {}, env: Record<string, string> = {}) =>
  wrangler.run(() => setupCommand({ wait: 5, ...options }), env);
const deploying = (wait = 5) => wrangler.run(() => deployCommand({ wait }));
/** The same in a process of its own, as people run it. */
const program = async (...args: string[]) => {
  const env = { ...wrangler.env, ...SECRETS, NODE_EXTRA_CA_CERTS: extraCa };
  const running = promisify(execFile)(process.execPath, [CLI, ...args], { env });
  running.child.stdin?.end();
  return running;
};
const named = (name: string) => wrangler.calls.filter(({ args }) => args.join(" ").startsWith(name));
const FLAGS = Object.entries({
  "--url": front.url,
  "--redis-url": upstash.url,
  "--origins": "https://app.example",
}).flat();
const kept = join(wrangler.folder, ".config/gatehouse");

test("P4 setup names every answer that is missing, and does nothing without a Cloudflare account", async () => {
  const empty = await setup();
  expect([empty.code, empty.stderr]).toEqual([
    1,
    "There is no terminal to prompt in. Set --url or ISSUER, DATABASE_URL, --redis-url or UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN, --origins or CORS_ORIGINS.",
  ]);
  account.loggedIn = false;
  expect((await setup(ANSWERS, SECRETS)).stderr).toContain("Run `npx wrangler login`");
  account.loggedIn = true;
});

test.each([
  [{ url: "http://auth.example.com" }, "--url: A deployment has an https URL."],
  [{ url: "auth.example.com/path" }, "--url: That is neither a domain"],
  [{ url: "https://auth.example.com:8443" }, "--url: Cloudflare serves https on the standard port"],
  [{ url: "https://192.0.2.1" }, "--url: A deployment has a name"],
  [{ databaseUrl: "mysql://u:a-password@host/db" }, "DATABASE_URL begins with mysql://"],
  [{ databaseUrl: services.databaseUrl.replace(/:[^:@]+@/, ":a-password@") }, "refused the user"],
  [{ redisToken: "a-wrong-token" }, "refused the token"],
  [{ redisUrl: "rediss://host:6379" }, "--redis-url: That is not Upstash's REST URL"],
  [{ redisUrl: "https://localhost:9" }, "localhost:9 does not answer"],
  [{ origins: "app.example" }, "--origins: Give origins like https://app.example"],
])("P4 setup refuses to go on with %j", async (wrong, sentence) => {
  const answers = { url: front.url, redisUrl: upstash.url, origins: "none" };
  const secrets = { databaseUrl: services.databaseUrl, redisToken: services.redisToken };
  const flags = { ...answers, ...secrets, ...wrong };
  const refused = await collectAnswers({ env: undefined, flags, variables: {}, kept: null }).catch((error) => error);
  expect(refused.message).toContain(sentence);
  expect(refused.message).not.toMatch(/a-password|a-wrong-token/);
});

test("P4 setup --dry-run lists what would change without showing a secret, and changes nothing", async () => {
  const { code, stdout } = await setup({ ...ANSWERS, resource: SERVER, dryRun: true }, SECRETS);
  expect(code).toBe(0);
  for (const text of ["migrations (to 00", "functions", "SERVER_KEY, VAULT_KEY", `${SERVER} is protected`, front.url])
    expect(stdout).toContain(text);
  for (const secret of Object.values(SECRETS)) expect(stdout).not.toContain(secret);
  expect(await readdir(kept).catch(() => "nothing")).toBe("nothing");
  expect(named("secret bulk").concat(named("deploy"))).toEqual([]);
});

test("P4 setup makes a working server with an owner who can sign in, and hands secrets over by standard input alone", async () => {
  const done = await program("setup", ...FLAGS, "--resource", SERVER, "--resource-name", "Weather");
  expect(done.stderr).toContain(`${front.url} serves version`);
  const keys = JSON.parse(await readFile(join(kept, "production-keys.json"), "utf8"));
  expect((await stat(join(kept, "production-keys.json"))).mode & 0o777).toBe(0o600);
  expect((await stat(join(kept, "production.json"))).mode & 0o777).toBe(0o600);
  expect(account.secrets).toEqual({ ...SECRETS, UPSTASH_REDIS_REST_URL: upstash.url, ...keys });
  expect(named("secret bulk").map(({ args }) => args)).toEqual([["secret", "bulk", "--env="]]);
  const args = wrangler.calls.flatMap((call) => call.args).join(" ");
  for (const secret of [...Object.values(SECRETS), ...Object.values<string>(keys)]) {
    expect(args).not.toContain(secret);
    expect(done.stdout + done.stderr).not.toContain(secret);
  }
  for (const text of ["claude mcp add --transport http weather", ".cursor/mcp.json", "INTROSPECTION_SECRET"])
    expect(done.stdout).toContain(text);
  const [link = ""] = /https:\S+\/setup#\S+/.exec(done.stdout) ?? [];
  const browser = createHeadlessBrowser();
  const page = await browser.submit(await browser.open(link), "/setup", { code: link.split("#")[1] ?? "" });
  const asked = await browser.submit(page, "/setup", { email: "ada@example.com" });
  const owner = await browser.submit(asked, "/setup/password", { password: "Correct horse 1" });
  expect(owner.html.querySelector('a[href$="/admin"]')).not.toBeNull();
});

test("P4 a second setup reports what has changed, keeps the keys and asks nothing, and deploy uses what was kept", async () => {
  const again = await setup({ dryRun: true });
  for (const text of ["is up to date", "Keys       stay", "Secrets    stay as they are"])
    expect(again.stdout).toContain(text);
  const before = { ...account.secrets };
  const deployed = await deploying();
  expect([deployed.code, deployed.stdout]).toEqual([0, expect.stringContaining(`${front.url} serves version`)]);
  expect(account.secrets).toEqual(before);
  expect((await setup({ origins: "none", json: true })).stdout).toContain('"ownerLink":null');
  expect(named("deploy").at(-1)?.args).toContain("CORS_ORIGINS:none");
});

test("P4 setup never guesses the Worker's key, and a deployment that doesn't serve fails with the reason", async () => {
  const elsewhere = { HOME: join(wrangler.folder, "elsewhere") };
  const unknown = await setup(ANSWERS, { ...SECRETS, ...elsewhere });
  expect([unknown.code, unknown.stderr]).toEqual([
    1,
    expect.stringContaining("a SERVER_KEY that this machine doesn't know"),
  ]);
  const { SERVER_KEY: _, ...without } = account.secrets ?? {};
  account.secrets = without;
  expect((await deploying()).stderr).toContain("The Worker lacks SERVER_KEY. Run `npm run setup` first.");
  account.secrets = { ...without, SERVER_KEY: "changeme" };
  const shown = await setup({ wait: 1 });
  expect([shown.code, shown.stdout]).toEqual([1, expect.stringContaining(`The dashboard is ${front.url}/admin.`)]);
  const broken = await deploying(1);
  expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining("Its log says why")]);
});

test("P4 setup reports the Worker's actual address, and refuses an environment that wrangler.toml doesn't have", async () => {
  const elsewhere = await setup({ url: "them" });
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    1,
    expect.stringContaining("The Worker is at https://gatehouse.me.workers.dev"),
  ]);
  expect((await setup({ env: "stagin" })).stderr).toContain("wrangler.toml has no [env.stagin].");
  expect((await setup({ env: "../../etc" })).stderr).toContain("wrangler.toml has no [env.../../etc].");
});

test("P4 a build on Cloudflare, which has no secrets, deploys and lists what is left to do", async () => {
  const built = await wrangler.run(() => deployCommand({ wait: 1 }), { WORKERS_CI: "1", DATABASE_URL: "" });
  expect([built.code, built.stdout]).toEqual([0, expect.stringContaining("npm run db:migrate")]);
  expect(named("deploy").at(-1)?.args).toEqual(["deploy", "--env="]);
});
