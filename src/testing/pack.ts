import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { unstable_readConfig } from "wrangler";
import { migrate } from "../cli/migrate.ts";
import { bundle, projectFile } from "../dev/workerd.ts";
import { startDatabase } from "./database.ts";

const run = promisify(execFile);
const SOURCE = projectFile("src/testing");
const OUT = projectFile("dist/testing");
const { dependencies } = JSON.parse(await readFile(join(SOURCE, "package.json"), "utf8"));

await rm(OUT, { recursive: true, force: true });
await mkdir(join(OUT, "dist/packed"), { recursive: true });
await Promise.all([packCode(), packTypes(), packWorker(), packDatabase()]);
for (const file of ["package.json", "README.md"]) await cp(join(SOURCE, file), join(OUT, file));
await cp(projectFile("LICENSE"), join(OUT, "LICENSE"));

/** All of our own code that it uses in one file, beside what npm installs. */
async function packCode(): Promise<void> {
  await build({
    entryPoints: [join(SOURCE, "index.ts")],
    outfile: join(OUT, "dist/index.js"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    external: Object.keys(dependencies),
  });
}

/** Only the types of the entry, since the rest is internal. */
async function packTypes(): Promise<void> {
  const types = await mkdtemp(join(tmpdir(), "gatehouse-types-"));
  await run("tsc", ["-p", projectFile(".config/tsconfig.testing.json"), "--outDir", types]);
  for (const name of ["index.d.ts", "types.d.ts"]) await cp(join(types, "testing", name), join(OUT, "dist", name));
  await rm(types, { recursive: true });
}

async function packWorker(): Promise<void> {
  const config = unstable_readConfig({ config: projectFile("wrangler.toml") }, { hideWarnings: true });
  const { compatibility_date: compatibilityDate, compatibility_flags: compatibilityFlags, alias } = config;
  await writeFile(join(OUT, "dist/packed/worker.js"), await bundle(config.main ?? "", { alias, minify: true }));
  const settings = { compatibilityDate, compatibilityFlags };
  await writeFile(join(OUT, "dist/packed/worker.json"), JSON.stringify(settings));
}

/** A data folder with all migrations applied, which starts faster than migrating. */
async function packDatabase(): Promise<void> {
  const database = await startDatabase(null);
  await migrate(database.databaseUrl);
  await database.engine.exec("checkpoint");
  const dump = await database.engine.dumpDataDir("gzip");
  await writeFile(join(OUT, "dist/packed/database.tar.gz"), dump.stream());
  await database.stop();
}
