import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { projectFile } from "../../src/dev/workerd.ts";

const FOLDER = projectFile("node_modules/.cache/gatehouse-cli");

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
  await mkdir(FOLDER, { recursive: true });
  const [file, unfinished] = [join(FOLDER, "main.js"), join(FOLDER, `main.${process.pid}.js`)];
  // Another run may execute the file at this moment.
  await writeFile(unfinished, outputFiles[0]?.contents ?? "");
  await rename(unfinished, file);
  return file;
}
