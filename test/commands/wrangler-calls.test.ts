import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { deployArgs, readUrl } from "../../src/cli/setup/answers.ts";
import { projectFile } from "../../src/dev/workerd.ts";

/** The real wrangler of node_modules, which a double replaces elsewhere. */
const wrangler = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(projectFile("node_modules/.bin/wrangler"), args, {
    cwd: projectFile("."),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1", CLOUDFLARE_API_TOKEN: "", CI: "1" },
  }).catch((error) => error as { stdout: string });
  return stdout;
};
const ANSWERS = { databaseUrl: "", redisUrl: "", redisToken: "", origins: "https://a.example tauri://localhost" };

describe("our calls of wrangler match what wrangler accepts", () => {
  test("P4 wrangler would deploy staging at workers.dev", async () => {
    const args = deployArgs({ ...ANSWERS, url: "https://gatehouse-staging.me.workers.dev" }, "staging");
    expect(args).not.toContain("--domain");
    const said = await wrangler(...args, "--dry-run");
    expect(said).toContain("--dry-run: exiting now.");
    for (const name of ["ISSUER", "CORS_ORIGINS"]) expect(said).toContain(`env.${name} (`);
    expect(said).not.toMatch(/unknown|warning/i);
  }, 120_000);

  test("P4 secret bulk reads a JSON object from standard input, and secret list prints JSON", async () => {
    expect(await wrangler("secret", "bulk", "--help")).toMatch(/expects to receive input from stdin[\s\S]*--env/);
    expect(await wrangler("secret", "list", "--help")).toMatch(/default: "json"/);
  }, 120_000);

  test("P4 whoami --json says whether anybody is signed in", async () => {
    expect(JSON.parse(await wrangler("whoami", "--json"))).toEqual({ loggedIn: false });
  }, 120_000);
});

test.each([
  ["auth.example.com", "https://auth.example.com"],
  ["https://Auth.Example.com/", "https://auth.example.com"],
  ["me", "https://gatehouse.me.workers.dev"],
  ["me.workers.dev", "https://gatehouse.me.workers.dev"],
  ["https://gatehouse.me.workers.dev", "https://gatehouse.me.workers.dev"],
])("P4 the address %s stands for %s", (typed, url) => expect(readUrl(typed, undefined)).toBe(url));
