import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { unstable_readConfig } from "wrangler";
import { bundle, projectFile } from "../../src/dev/workerd.ts";

const FOLDER = projectFile("node_modules/.cache/gatehouse-test");

/**
 * The owner's commands as one file, which Node loads in a third of the time that it takes for the hundreds of files of
 * the source and of Drizzle. Returns its path.
 */
export async function bundleCli(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [projectFile("src/cli/main.ts")],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node22",
    conditions: ["gatehouse-source"],
    external: ["oxc-parser"],
    // The files that are read at run time are named from the folder of a source file. Its depth is the same for all.
    define: { "import.meta.dirname": JSON.stringify(projectFile("src/cli")) },
    // Packages in CommonJS require Node's modules.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return store("cli", outputFiles[0]?.text ?? "");
}

/** The Worker that test files lend each other, as one file. Returns its path. */
export async function bundleLentWorker(): Promise<string> {
  const { alias } = unstable_readConfig({ config: projectFile("wrangler.toml") }, { hideWarnings: true });
  const text = await bundle(join(import.meta.dirname, "lent-worker.ts"), { alias, minify: false });
  return store("lent-worker", text);
}

async function store(name: string, text: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const [file, unfinished] = [join(FOLDER, `${name}.js`), join(FOLDER, `${name}.${process.pid}.js`)];
  // Another run may execute the file at this moment.
  await writeFile(unfinished, text);
  await rename(unfinished, file);
  return file;
}
