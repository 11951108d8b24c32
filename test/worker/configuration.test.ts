import { afterAll, expect, test } from "vitest";
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
