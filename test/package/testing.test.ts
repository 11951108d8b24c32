import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { projectFile } from "../../src/dev/workerd.ts";
import { createProject, type EmptyProject, exec } from "../support/project.ts";
import { filesOf, installsOf, MIDDLEWARE_README, TESTING_README } from "../support/readme.ts";

const tarballs = [inject("tarball"), inject("testingTarball")];
const packages = installsOf(TESTING_README).filter((name) => !name.endsWith(".tgz"));
const SDK = ["@modelcontextprotocol/server@^2.4.0", "zod@^4", "hono@^4"];

/** Two programs from the README, beside the server from the middleware's README. */
const files = {
  ...filesOf(MIDDLEWARE_README, "The table of who may do what", "Hono, on Workers"),
  ...filesOf(TESTING_README, "A Worker, with vitest", "Node, with node:test"),
};

describe("the packed testing package in an empty project", () => {
  let project: EmptyProject;

  beforeAll(async () => {
    const types = ["@types/node@24", "@cloudflare/workers-types"];
    project = await createProject([...tarballs, ...packages, ...SDK, ...types], []);
    for (const [name, text] of Object.entries(files)) await writeFile(join(project.folder, name), text);
  }, 300_000);
  afterAll(() => project.remove());

  test("a Worker under vitest accepts a token that was issued without a page, until it is revoked", async () => {
    const output = await exec("npx", ["vitest", "run", "worker.test.ts"], project.folder, { NO_COLOR: "1" });
    expect(output).toMatch(/Tests +1 passed \(1\)/);
  }, 120_000);

  test("a server on Node under node:test refuses a stranger, recognizes the named person, and lets its process end", async () => {
    const args = ["--test", "--test-reporter=spec", "server.test.ts"];
    expect(await exec(process.execPath, args, project.folder)).toMatch(/pass 1\n[\s\S]*fail 0/);
  }, 120_000);

  test("the package's types fit the README's examples", async () => {
    const compilerOptions = {
      ...{ module: "nodenext", moduleResolution: "nodenext", target: "es2024", lib: ["es2024", "esnext.disposable"] },
      ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
      types: ["node", "@cloudflare/workers-types"],
    };
    const include = Object.keys(files).filter((name) => name.endsWith(".ts"));
    await writeFile(join(project.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    await exec(projectFile("node_modules/.bin/tsc"), ["-p", "."], project.folder);
  }, 60_000);

  test("the package contains the Worker and the database, and declares the versions that they were built with", async () => {
    const listed = (await exec("tar", ["-tzf", tarballs[1] ?? ""], ".")).trim().split("\n").sort();
    expect(listed.map((name) => name.replace(/^package\//, ""))).toEqual([
      ...["LICENSE", "README.md", "dist/index.d.ts", "dist/index.js", "dist/packed/database.tar.gz"],
      ...["dist/packed/worker.js", "dist/packed/worker.json", "dist/types.d.ts", "package.json"],
    ]);
    const read = async (path: string) => JSON.parse(await readFile(projectFile(path), "utf8"));
    const [own, root] = [await read("src/testing/package.json"), await read("package.json")];
    expect(own.version).toBe(root.version);
    expect(own.dependencies.miniflare).toBe(root.devDependencies.miniflare);
    // The files of a database fit only the build of Postgres that wrote them.
    expect(own.dependencies["@electric-sql/pglite"]).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
