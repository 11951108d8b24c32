import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { projectFile } from "../../src/dev/workerd.ts";

const KIB = 1024;

test("what is deployed is at most 290 KiB gzipped, since an isolate loads it before its first answer", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-bundle-"));
  const flags = ["deploy", "--dry-run", "--outdir", folder];
  await promisify(execFile)(projectFile("node_modules/.bin/wrangler"), flags, {
    cwd: projectFile("."),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  const bundle = await readFile(join(folder, "worker.js"));
  await rm(folder, { recursive: true });
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(290 * KIB);
});
