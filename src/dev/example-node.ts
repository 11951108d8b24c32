import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { findRunning } from "../cli/running-dev.ts";
import { createOperatorDeps } from "../flows/admin/admin-deps.ts";
import { applyResource } from "../flows/admin/apply-resource.ts";
import { rotateResourceCredential } from "../flows/admin/resources.ts";
import { projectFile } from "./workerd.ts";

/** Runs the weather example on Node, protected by a running `npm run dev`. */
const { values } = parseArgs({ options: { port: { type: "string", default: "8789" } } });
const running = await findRunning();
if (!running) {
  console.error("Start `npm run dev` first.");
  process.exit(1);
}

const uri = `http://localhost:${values.port}/mcp`;
const deps = await createOperatorDeps(running.databaseUrl, running.serverKey);
const document = await readFile(projectFile("examples/weather/gatehouse.resource.json"), "utf8");
const applied = await applyResource(deps, document, { uri, isDefault: false });
// The credential of an earlier run isn't stored anywhere.
const credential = "secret" in applied ? applied : await rotateResourceCredential(deps, uri);
if ("problem" in credential) throw new Error(credential.problem);

const server = spawn(
  process.execPath,
  ["--conditions=gatehouse-source", projectFile("examples/weather-node/server.ts")],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      PORT: values.port,
      RESOURCE: uri,
      ISSUER: running.issuer,
      RESOURCE_ID: credential.id,
      INTROSPECTION_SECRET: credential.secret,
      UPSTASH_REDIS_REST_URL: running.redisUrl,
      UPSTASH_REDIS_REST_TOKEN: running.redisToken,
    },
  },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.kill(signal));
server.on("exit", (code) => process.exit(code ?? 0));
