import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "../support/cli.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse();
const { databaseUrl } = gatehouse.services;
const settings = {
  url: "https://auth.example.com",
  databaseUrl,
  redisToken: "upstash-secret",
};
const newKey = () => randomBytes(32).toString("base64");
const keys = { SERVER_KEY: newKey(), VAULT_KEY: newKey() };
const STORED = { "production.json": settings, "production-keys.json": keys };
const UNSET = {
  DATABASE_URL: undefined,
  ISSUER: undefined,
  SERVER_KEY: undefined,
  VAULT_KEY: undefined,
};

/** Runs commands on a machine that stored these files. */
async function machineWith(files: Readonly<Record<string, object>>) {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-home-"));
  onTestFinished(() => rm(home, { recursive: true }));
  const folder = join(home, ".config/gatehouse");
  await mkdir(folder, { recursive: true });
  for (const [name, value] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(value));
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCommand(args, { ...UNSET, HOME: home, ...env });
  return { folder, run };
}

test.each(["production", "staging"])(
  "--env %s uses what setup stored, and announces it without a secret",
  async (env) => {
    const { email } = await gatehouse.addPerson();
    const { run } = await machineWith({
      [`${env}.json`]: settings,
      [`${env}-keys.json`]: keys,
    });
    const { code, stdout, stderr } = await run(["user", "list", "--search", email, "--env", env]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `Acting on ${env}: auth.example.com, with the database at ${new URL(databaseUrl).host}.\n`,
    });
    expect(stdout).toContain(email);
  },
);

test("a link that is made with --env leads to the stored issuer", async () => {
  const { run } = await machineWith(STORED);
  const { stdout } = await run(["user", "invite", "ada@example.com", "--env", "production", "--json"]);
  expect(JSON.parse(stdout).url).toMatch(/^https:\/\/auth\.example\.com\//);
});

test("a provider's secret is sealed under the stored VAULT_KEY", async () => {
  const { run } = await machineWith(STORED);
  const { stdout } = await run(["vault", "status", "--env", "production", "--json"]);
  const other = await machineWith({
    ...STORED,
    "production-keys.json": { ...keys, VAULT_KEY: newKey() },
  });
  const { stdout: others } = await other.run(["vault", "status", "--env", "production", "--json"]);
  expect(JSON.parse(stdout).current).not.toBe(JSON.parse(others).current);
});

test.each([
  ["production", {}, "production.json", "`npm run setup`"],
  ["staging", STORED, "staging.json", "`npm run setup -- --env staging`"],
  ["production", { "production.json": settings }, "production-keys.json", "`npm run setup`"],
  ["production", { ...STORED, "production.json": {} }, "production.json", "`npm run setup`"],
])(
  "--env %s with %o stored names the missing file and the command that writes it",
  async (env, files, missing, command) => {
    const { folder, run } = await machineWith(files);
    const { code, stdout, stderr } = await run(["user", "list", "--env", env]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`${join(folder, missing)} doesn't have `);
    expect(stderr).toContain(command);
  },
);

test.each([
  ["DATABASE_URL", "postgres://ada:hunter2@elsewhere.example/gatehouse", "production.json"],
  ["ISSUER", "https://elsewhere.example", "production.json"],
  ["SERVER_KEY", newKey(), "production-keys.json"],
  ["VAULT_KEY", newKey(), "production-keys.json"],
])("a variable %s of another deployment is refused, and its value isn't printed", async (name, value, file) => {
  const { folder, run } = await machineWith(STORED);
  expect(await run(["user", "list", "--env", "production"], { [name]: value })).toMatchObject({
    code: 1,
    stdout: "",
    stderr: `${name} in the environment isn't the one in ${join(folder, file)}. Unset it, or leave out --env.\n`,
  });
});

test("a variable DATABASE_URL that equals the stored one is no conflict", async () => {
  const { run } = await machineWith(STORED);
  const { code } = await run(["user", "list", "--env", "production"], {
    DATABASE_URL: databaseUrl,
  });
  expect(code).toBe(0);
});

test.each(["", "nowhere"])("the name %j is refused, and production is no default", async (env) => {
  const { run } = await machineWith(STORED);
  expect(await run(["user", "list", "--env", env])).toMatchObject({
    code: 1,
    stdout: "",
  });
});

test("without --env, the stored files are not used", async () => {
  const { run } = await machineWith({
    ...STORED,
    "production.json": { ...settings, databaseUrl: "postgres://x.invalid/y" },
  });
  const { code, stderr } = await run(["user", "list"], {
    DATABASE_URL: databaseUrl,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("keys rotate accepts the name production too", async () => {
  const { run } = await machineWith({});
  const { stderr } = await run(["keys", "rotate", "--env", "production"]);
  expect(stderr).toMatch(/production-keys\.json doesn't have it/);
});
