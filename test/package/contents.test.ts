import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, inject, test } from "vitest";
import { createProject, exec } from "../support/project.ts";

const KIB = 1024;
const tarball = inject("tarball");

test("the tarball contains the middleware and nothing of the server", async () => {
  const files = (await exec("tar", ["-tzf", tarball], ".")).trim().split("\n");
  const others = files.filter((file) => !/^package\/dist\/[a-z0-9-]+\.(js|d\.ts)$/.test(file));
  expect(others.sort()).toEqual(["package/LICENSE", "package/README.md", "package/package.json"]);
});

/** What one server loads: an adapter, and the tools of one SDK. */
const ADAPTERS = ["hono", "express"];

// Checking DPoP proofs takes half a kibibyte of it in every adapter. An adapter that couldn't would take a bound token
// for a bearer token.
test.each(ADAPTERS)(
  "with %s the middleware is at most 12 KiB, minified and gzipped, and imports only optional peers",
  async (adapter) => {
    const { folder, remove } = await createProject([tarball], []);
    const packageFolder = join(folder, "node_modules/@gatehouse-auth/resource-server");
    const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
    const names = Object.keys(manifest.exports);
    expect(names).toHaveLength(7);
    const entries = names
      .filter((name) => !ADAPTERS.some((other) => other !== adapter && name.endsWith(`/${other}`)))
      .map((name) => name.replace(/^\./, "@gatehouse-auth/resource-server"));
    const { outputFiles, metafile } = await build({
      stdin: { contents: entries.map((name, n) => `export * as e${n} from "${name}";`).join("\n"), resolveDir: folder },
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      format: "esm",
      external: Object.keys(manifest.peerDependencies).flatMap((name) => [name, `${name}/*`]),
    });
    await remove();
    expect(gzipSync(outputFiles[0]?.contents ?? "").length).toBeLessThanOrEqual(12 * KIB);
    const imported = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect([...new Set(imported)].sort()).toEqual([
      "@modelcontextprotocol/sdk/server/auth/errors.js",
      ...["@modelcontextprotocol/server", "@upstash/ratelimit", "zod"],
    ]);
  },
);
