import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuiltWorker, buildWorker, keepBuild, projectFile } from "../../src/dev/workerd.ts";

const FOLDER = projectFile("node_modules/.cache/gatehouse-test");

/**
 * The owner's commands as one file, which Node loads in a third of the time that it takes for the hundreds of files of
 * the source and of Drizzle. Returns its path.
 */
export async function bundleCli(): Promise<string> {
  const { build } = await import("esbuild");
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
  return store("cli.js", outputFiles[0]?.text ?? "");
}

/** The Workers that many files start: the one that they lend each other, the one with a clock, and the example. */
const WORKERS: readonly (readonly [configPath: string, entry: string | undefined])[] = [
  [projectFile("wrangler.toml"), projectFile("test/support/lent-worker.ts")],
  [projectFile("wrangler.toml"), projectFile("src/dev/clock-worker.ts")],
  [projectFile("examples/weather/wrangler.toml"), undefined],
];

/** Builds those Workers. Returns the path of a file with all of them. */
export async function buildWorkers(): Promise<string> {
  const built = await Promise.all(WORKERS.map((worker) => buildWorker(...worker)));
  return store("workers.json", JSON.stringify(built));
}

/** Takes them from that file, instead of building them anew. */
export function keepBuiltWorkers(file: string): void {
  const built = readFile(file, "utf8").then((text) => JSON.parse(text) as BuiltWorker[]);
  for (const [index, worker] of WORKERS.entries())
    keepBuild(
      ...worker,
      built.then((all) => all[index] as BuiltWorker),
    );
}

async function store(name: string, text: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const [file, unfinished] = [join(FOLDER, name), join(FOLDER, `${process.pid}-${name}`)];
  // Another run may read the file at this moment.
  await writeFile(unfinished, text);
  await rename(unfinished, file);
  return file;
}
