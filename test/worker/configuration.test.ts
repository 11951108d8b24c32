import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import type { WorkerLog } from "../../src/dev/miniflare.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile, startWorkers } from "../../src/dev/workerd.ts";

const logs: WorkerLog[] = [];
const port = await findFreePort();
const name = "gatehouse";
const bindings = { ISSUER: "https://auth.example.com", SERVER_KEY: "changeme-changeme-changeme-changeme" };
const workers = await startWorkers([{ name, configPath: projectFile("wrangler.toml"), port, bindings }], (log) =>
  logs.push(log),
);
afterAll(() => workers.stop());

test("P4 the production bundle answers 503 until it is configured, and its log names every problem but no value", async () => {
  for (const path of ["/token", "/authorize", "/.well-known/oauth-authorization-server", "/health"]) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBe("60");
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ error: "temporarily_unavailable" });
    expect(body).not.toContain("SERVER_KEY");
  }
  const text = logs.map(({ message }) => message).join("\n");
  for (const variable of [
    "DATABASE_URL",
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "CORS_ORIGINS",
    "SERVER_KEY",
  ]) {
    expect(text).toContain(variable);
  }
  expect(text).not.toContain("changeme-");
});

test("P4 Cloudflare's form asks for exactly the variables that are needed, describes each, and suggests no value", () => {
  const asked = readFileSync(projectFile(".dev.vars.example"), "utf8")
    .split("\n")
    .filter((line) => /^\w/.test(line));
  const { bindings } = JSON.parse(readFileSync(projectFile("package.json"), "utf8")).cloudflare;
  expect(Object.keys(bindings)).toEqual(asked.map((line) => line.split("=")[0]));
  expect(asked.filter((line) => !line.endsWith("="))).toEqual(["CORS_ORIGINS=none"]);
  const config = readConfig({});
  const needed = "problems" in config ? config.problems.map((problem) => problem.split(" ")[0]) : [];
  // The issuer is confirmed by the owner.
  expect(needed.filter((name) => !Object.keys(bindings).includes(name ?? ""))).toEqual(["ISSUER"]);
});

test("P4 npm run dev leaves a database that the shell happens to name alone unless it is told to use it", async () => {
  const DATABASE_URL = "postgres://someone:a-password@ep-theirs.eu.neon.tech/shop";
  const args = [projectFile("src/dev/main.ts"), "--data", ":memory:", "--port", String(await findFreePort(5))];
  const refused = await promisify(execFile)(process.execPath, args, { env: { ...process.env, DATABASE_URL } }).catch(
    (error: { code: number; stderr: string }) => error,
  );
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("would migrate it and add the examples") });
  expect(refused.stderr).toContain("ep-theirs.eu.neon.tech/shop");
  expect(refused.stderr).not.toContain("a-password");
}, 60_000);
