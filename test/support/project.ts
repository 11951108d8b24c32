import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFile } from "../../src/dev/workerd.ts";

const run = promisify(execFile);

/** Runs a program to its end. Returns its output, or throws with it if the program fails. */
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

/** Builds both packages and packs them as `npm publish` would. Returns the paths of the tarballs. */
export async function packPackages(folder: string): Promise<{ readonly middleware: string; readonly testing: string }> {
  await exec("npm", ["run", "build"], projectFile("."));
  const pack = async (name: string) => {
    const into = join(folder, name);
    await mkdir(into);
    await exec("npm", ["pack", "--pack-destination", into, `./dist/${name}`], projectFile("."));
    const [tarball = ""] = await readdir(into);
    return join(into, tarball);
  };
  return { middleware: await pack("resource-server"), testing: await pack("testing") };
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

/** Starts a Node program and waits for a certain output. */
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

/** Leaves out variables that npm sets for its scripts, since they would steer the npm that runs inside. */
const quiet = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
