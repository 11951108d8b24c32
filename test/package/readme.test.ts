import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile, startWorkers } from "../../src/dev/workerd.ts";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { createMcpHost } from "../support/mcp-client.ts";
import { createProject, type EmptyProject, exec, startProgram } from "../support/project.ts";
import { filesOf, installsOf, MIDDLEWARE_README } from "../support/readme.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, person, browser } = await ownScene();
const tarball = inject("tarball");

const TABLE = "The table of who may do what";
const KINDS = [
  { heading: "Hono, on Workers", parts: [TABLE, "Hono, on Workers"], worker: true },
  { heading: "Express, on Node", parts: [TABLE, "Express, on Node"], worker: false },
  { heading: "Plain fetch", parts: [TABLE, "Hono, on Workers", "Plain fetch"], worker: true },
];

/** What that part of the README says to install, with the tarball instead of its package. */
const packagesOf = (heading: string) =>
  installsOf(
    MIDDLEWARE_README.split(/^## /m)
      .filter((part) => part.startsWith("Install\n") || part.startsWith(`${heading}\n`))
      .join(""),
  ).map((name) => (name.endsWith(".tgz") ? tarball : name));

async function startProject({ folder }: EmptyProject, worker: boolean, env: Record<string, string>) {
  if (!worker) {
    const program = await startProgram(join(folder, "server.ts"), env);
    return async () => void program.kill();
  }
  const [config, out] = [join(folder, "wrangler.toml"), join(folder, "out")];
  const args = ["deploy", "--dry-run", "-c", config, "--outdir", out];
  await exec(projectFile("node_modules/.bin/wrangler"), args, folder);
  const { PORT, ...bindings } = env;
  const spec = { name: "weather", configPath: config, entry: join(out, "worker.js"), port: Number(PORT), bindings };
  return (await startWorkers([{ ...spec, services: false }], () => {})).stop;
}

describe.each(KINDS)("the project that the README describes: $heading", ({ heading, parts, worker }) => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  test("the project runs, is registered with what the package's command prints, and is called by the SDK's client", async () => {
    const project = await createProject(packagesOf(heading), []);
    cleanUps.push(project.remove);
    for (const [name, text] of Object.entries(filesOf(MIDDLEWARE_README, ...parts))) {
      await writeFile(join(project.folder, name), text);
    }
    const port = await findFreePort();
    const uri = `http://localhost:${port}/mcp`;
    const args = ["--no", "@gatehouse-auth/resource-server", "./access.ts", "--resource", uri, "--name", "Weather"];
    const document = await exec("npx", args, project.folder);
    const applied = await applyResource(gatehouse.owner, document, { uri: null, isDefault: false });
    if ("problem" in applied || applied.outcome !== "added") throw new Error(JSON.stringify(applied));
    const env = {
      ...{ PORT: String(port), ISSUER: gatehouse.issuer, RESOURCE: uri },
      ...{ RESOURCE_ID: applied.id, INTROSPECTION_SECRET: applied.secret },
    };
    cleanUps.push(await startProject(project, worker, env));
    const host = createMcpHost(uri, browser, person);
    const answer = await host.callTool("get_weather", { city: "Oslo" });
    expect(answer).toEqual({ text: `Sunny in Oslo, ${person.email}.`, isError: false });
  }, 300_000);
});

describe("the name gatehouse on npm, which belongs to a stranger", async () => {
  const texts = {
    "README.md": await readFile(projectFile("README.md"), "utf8"),
    "the middleware's README": MIDDLEWARE_README,
    "the dashboard's lines": await readFile(projectFile("src/routes/pages/admin/client-lines.tsx"), "utf8"),
  };

  test.each(Object.entries(texts))("%s never leads a reader to install it", (_, text) => {
    expect(installsOf(text).filter((name) => /^gatehouse(?:$|[@/-])/.test(name))).toEqual([]);
    expect(text).not.toMatch(/from "gatehouse["/]/);
  });

  test("the README's commands install none of it in an empty project", async () => {
    const project = await createProject(packagesOf("Express, on Node"), []);
    const lock = JSON.parse(await readFile(join(project.folder, "package-lock.json"), "utf8"));
    const installed = Object.entries<{ resolved?: string }>(lock.packages);
    expect(existsSync(join(project.folder, "node_modules/@gatehouse-auth/resource-server"))).toBe(true);
    expect(
      installed.filter(([name, { resolved }]) => /gatehouse/.test(name) && !resolved?.startsWith("file:")),
    ).toEqual([]);
    await project.remove();
  });

  test("the package's command says what it needs, and never prints half a document", async () => {
    const project = await createProject([tarball], []);
    for (const args of [[], ["./none.js", "--resource", "https://a.example", "--name", "A"], ["./none.js"]]) {
      const run = exec("npx", ["--no", "@gatehouse-auth/resource-server", ...args], project.folder);
      await expect(run).rejects.toThrow("prints gatehouse.resource.json");
    }
    await project.remove();
  });
});
