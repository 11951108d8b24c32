import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `npm run bench`: installs this folder's own packages, on first use and after changes of its lock file, and measures.
 */
const folder = import.meta.dirname;
const lock = join(folder, "package-lock.json");
const installed = join(folder, "node_modules", ".installed-lock.json");

const run = (command: string, args: readonly string[]): void => {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: ["ignore", 2, "inherit"] });
  if (status !== 0) process.exit(status ?? 1);
};

if (read(lock) !== read(installed)) {
  run("npm", ["ci", "--no-audit", "--no-fund"]);
  copyFileSync(lock, installed);
}
await import("./main.ts");

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
