import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFile } from "../../src/dev/workerd.ts";

const run = promisify(execFile);

/** Runs a program to its end; what it printed. Throws with what it printed if it fails. */
export async function exec(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run(program, [...args], {
    cwd,
    env: { ...quiet(), ...env },
    maxBuffer: 16 * 1024 * 1024,
  }).catch((error) => {
    throw new Error(`${program} ${args.join(" ")}\n${error.stdout}\n${error.stderr}`);
  });
  return stdout;
}

/** Packs the package as `npm publish` would; the path of the tarball. */
export async function packPackage(folder: string): Promise<string> {
  await exec("npm", ["run", "build"], projectFile("."));
  await exec("npm", ["pack", "--pack-destination", folder, "./dist/resource-server"], projectFile("."));
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  return join(folder, tarball ?? "");
}

export type EmptyProject = { readonly folder: string; readonly remove: () => Promise<void> };

/** An empty project elsewhere, with some packages installed and an example copied into it. */
export async function createProject(packages: readonly string[], examples: readonly string[]): Promise<EmptyProject> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-project-"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "mine", private: true, type: "module" }));
  await exec("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], folder);
  for (const example of examples)
    await cp(projectFile(`examples/${example}`), join(folder, example), { recursive: true });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts a Node program and waits until it says something. */
export async function startProgram(
  file: string,
  env: Record<string, string>,
): Promise<ChildProcess & { output: string }> {
  const child = Object.assign(spawn(process.execPath, [file], { env: { ...quiet(), ...env } }), { output: "" });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      child.output += chunk;
    });
  }
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", () => reject(new Error(child.output)));
  });
  return child;
}

/** Without what npm sets for the scripts it runs: it would steer the npm that runs inside. */
const quiet = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
