import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { deployArgs } from "../../src/cli/setup/answers.ts";
import { projectFile } from "../../src/dev/workerd.ts";

const KIB = 1024;

const folder = await mkdtemp(join(tmpdir(), "gatehouse-bundle-"));
const answers = { url: "https://auth.example.com", databaseUrl: "", redisUrl: "", redisToken: "" };
const flags = [...deployArgs({ ...answers, origins: "https://a.example tauri://localhost" }, undefined), "--dry-run"];
const { stdout } = await promisify(execFile)(
  projectFile("node_modules/.bin/wrangler"),
  [...flags, "--outdir", folder],
  {
    cwd: projectFile("."),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  },
);
const bundle = await readFile(join(folder, "worker.js"), "utf8");
await rm(folder, { recursive: true });

test("P4 wrangler accepts what `npm run deploy` passes to it", () => {
  expect(flags).toContain("--domain");
  for (const name of ["ISSUER", "CORS_ORIGINS"]) expect(stdout).toContain(`env.${name} (`);
});

test("P6 the deployed Worker is at most 250 KiB gzipped, because an isolate loads it before its first answer", () => {
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(250 * KIB);
});
