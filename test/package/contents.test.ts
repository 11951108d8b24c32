import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, inject, test } from "vitest";
import { createProject, exec } from "../support/project.ts";

const KIB = 1024;
const tarball = inject("tarball");

test("the tarball holds the middleware and nothing of the server", async () => {
  const files = (await exec("tar", ["-tzf", tarball], ".")).trim().split("\n");
  const others = files.filter((file) => !/^package\/dist\/resource-server\/[a-z-]+\.(js|d\.ts)$/.test(file));
  expect(others.sort()).toEqual(["package/LICENSE", "package/README.md", "package/package.json"]);
});

test("all of its entries together are at most 10 KiB gzipped, and import nothing but optional peers", async () => {
  const { folder, remove } = await createProject([tarball], []);
  const packageFolder = join(folder, "node_modules/gatehouse");
  const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const entries = Object.keys(manifest.exports).map((name) => name.replace(/^\./, "gatehouse"));
  expect(entries).toHaveLength(6);
  const { outputFiles, metafile } = await build({
    stdin: { contents: entries.map((name, n) => `export * as e${n} from "${name}";`).join("\n"), resolveDir: folder },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    external: Object.keys(manifest.peerDependencies),
  });
  await remove();
  expect(gzipSync(outputFiles[0]?.contents ?? "").length).toBeLessThanOrEqual(10 * KIB);
  const imported = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect([...new Set(imported)].sort()).toEqual(["@modelcontextprotocol/server", "@upstash/ratelimit", "zod"]);
});
