import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";
import { deployArgs } from "../../src/cli/setup/deployment.ts";
import { asModule, runWorkers } from "../../src/dev/miniflare.ts";
import { findFreePort } from "../../src/dev/ports.ts";
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

test("wrangler accepts what `npm run deploy` passes to it", () => {
  expect(flags).toContain("--domain");
  for (const name of ["ISSUER", "CORS_ORIGINS"]) expect(stdout).toContain(`env.${name} (`);
});

test("what is deployed is at most 250 KiB gzipped, since an isolate loads it before its first answer", () => {
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(250 * KIB);
});

/** Loads the Worker at its first request, since the clock inside of one stands still. */
const LATE = 'export default { fetch: async () => new Response(Object.keys(await import("worker.js")).join(" ")) };';

test("what is deployed is evaluated within 50 ms, in the best of eight isolates", async () => {
  const { compatibility_date, compatibility_flags } = unstable_readConfig({ config: projectFile("wrangler.toml") });
  const first = await findFreePort(8);
  const ports = Array.from({ length: 8 }, (_, n) => first + n);
  const worker = {
    modules: [{ type: "ESModule" as const, path: "late.js", contents: LATE }, ...asModule(bundle)],
    compatibilityDate: compatibility_date ?? "",
    compatibilityFlags: compatibility_flags,
  };
  const running = await runWorkers(
    ports.map((port) => ({ ...worker, name: `w${port}`, unsafeDirectSockets: [{ host: "127.0.0.1", port }] })),
    () => {},
  );
  const ask = async (port: number): Promise<number> => {
    const start = performance.now();
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain("default");
    return performance.now() - start;
  };
  const starts: number[] = [];
  // The second request shows what the way there and back takes.
  for (const port of ports) starts.push((await ask(port)) - (await ask(port)));
  await running.stop();
  expect(Math.min(...starts)).toBeLessThanOrEqual(50);
});
