import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile, startWorkers } from "../../src/dev/workerd.ts";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { createMcpHost } from "../support/mcp-client.ts";
import { createProject, type EmptyProject, exec, startProgram } from "../support/project.ts";
import { ownScene } from "../support/scene.ts";

const SDK = ["@modelcontextprotocol/server@^2.4.0", "zod@^4", "@upstash/redis@^1", "@upstash/ratelimit@^2"];

const { gatehouse, person, browser } = await ownScene();
const tarball = inject("tarball");

/** Registers the server as its owner would, with the document that the example contains. */
async function register(project: EmptyProject, port: number): Promise<Record<string, string>> {
  const uri = `http://localhost:${port}/mcp`;
  const document = await readFile(join(project.folder, "weather/gatehouse.resource.json"), "utf8");
  const applied = await applyResource(gatehouse.owner, document, { uri, isDefault: false });
  if ("problem" in applied || applied.outcome !== "added") throw new Error(JSON.stringify(applied));
  return {
    PORT: String(port),
    ISSUER: gatehouse.issuer,
    RESOURCE: uri,
    RESOURCE_ID: applied.id,
    INTROSPECTION_SECRET: applied.secret,
    UPSTASH_REDIS_REST_URL: gatehouse.services.redisUrl,
    UPSTASH_REDIS_REST_TOKEN: gatehouse.services.redisToken,
  };
}

const kinds = [
  {
    kind: "a Worker, bundled by wrangler",
    packages: ["hono@^4"],
    types: ["@cloudflare/workers-types"],
    resolution: { module: "esnext", moduleResolution: "bundler" },
    examples: ["weather"],
    start: async ({ folder }: EmptyProject, { PORT, ...bindings }: Record<string, string>) => {
      const config = join(folder, "weather/wrangler.toml");
      const out = join(folder, "out");
      await exec(
        projectFile("node_modules/.bin/wrangler"),
        ["deploy", "--dry-run", "-c", config, "--outdir", out],
        folder,
      );
      const spec = { name: "weather", configPath: config, entry: join(out, "worker.js"), port: Number(PORT), bindings };
      // Gatehouse is elsewhere, so its binding stays empty and it is called over HTTP.
      return (await startWorkers([{ ...spec, services: false }], () => {})).stop;
    },
  },
  {
    kind: "Node with Express",
    packages: ["express@^5", "@modelcontextprotocol/node@^2"],
    types: ["@types/node", "@types/express"],
    resolution: { module: "nodenext", moduleResolution: "nodenext" },
    examples: ["weather", "weather-node"],
    start: async ({ folder }: EmptyProject, env: Record<string, string>) => {
      const program = await startProgram(join(folder, "weather-node/server.ts"), env);
      return async () => {
        program.kill();
      };
    },
  },
] as const;

describe.each(kinds)(
  "the packed package in an empty project: $kind",
  ({ packages, types, resolution, examples, start }) => {
    let project: EmptyProject;
    let uri: string;
    const cleanUps: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      project = await createProject([tarball, ...SDK, ...packages, ...types], examples);
      cleanUps.push(project.remove);
      const settings = await register(project, await findFreePort());
      uri = settings["RESOURCE"] ?? "";
      cleanUps.push(await start(project, settings));
    }, 300_000);
    afterAll(async () => {
      for (const cleanUp of cleanUps.reverse()) await cleanUp();
    });

    test("K1 the SDK's client connects, calls a tool, and steps up by itself for another", async () => {
      const host = createMcpHost(uri, browser, person);
      expect(await host.callTool("get_weather", { city: "Oslo" })).toEqual({ text: "2 °C, snow", isError: false });
      expect(host.provider.stored.tokens?.scope).toBe("weather:read");
      expect(host.asked()).toBe(1);
      const reported = await host.callTool("report_weather", { city: "Oslo", sky: "clear" });
      expect(reported).toEqual({ text: `Thank you, ${person.email}.`, isError: false });
      expect(host.provider.stored.tokens?.scope?.split(" ").sort()).toEqual(["weather:read", "weather:report"]);
      expect(host.asked()).toBe(2);
    });

    test("the package's types fit an unchanged example, with every library checked", async () => {
      const compilerOptions = {
        ...resolution,
        ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, allowImportingTsExtensions: true },
        ...{ target: "es2024", lib: ["es2024"], types: types.map((name) => name.replace("@types/", "")) },
      };
      // If a type were lost on the way, it would be `any`, and the expected type errors would be missing.
      const probe = `import { defineAccess, resourceServer } from "@gatehouse-auth/resource-server";
      defineAccess({ scopes: { a: "A" }, tools: { t: { scopes: ["a"] } } });
      // @ts-expect-error
      defineAccess({ scopes: { a: "A" }, tools: { t: { scopes: ["b"] } } });
      // @ts-expect-error
      resourceServer({ resource: "https://a.example" });`;
      await writeFile(join(project.folder, "probe.ts"), probe);
      const include = [`${examples.at(-1)}`, "probe.ts"];
      await writeFile(join(project.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
      const tsc = exec(projectFile("node_modules/.bin/tsc"), ["-p", "."], project.folder);
      const output = await tsc.catch((error: Error) => error.message);
      // Other libraries' declarations aren't checked.
      const ours = output.split("\n").filter((line) => /^(probe|weather|node_modules\/@gatehouse-auth)/.test(line));
      expect(ours).toEqual([]);
    });

    test("installing the package installs nothing else", async () => {
      const installed = JSON.parse(
        await readFile(join(project.folder, "node_modules/@gatehouse-auth/resource-server/package.json"), "utf8"),
      );
      expect(installed.dependencies ?? {}).toEqual({});
      expect(installed.optionalDependencies ?? {}).toEqual({});
      expect(Object.keys(installed.peerDependencies)).toEqual(Object.keys(installed.peerDependenciesMeta));
    });
  },
);
