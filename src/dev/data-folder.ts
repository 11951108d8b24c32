import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandOf, isReachable, unprivilegedOwner } from "./postgres.ts";

/**
 * Where data is stored. When run as root, Postgres runs as another user, who can't enter a folder like /root. Then the
 * data is in a folder under /var/tmp, named after the requested one.
 */
export async function dataFolder(wanted: string): Promise<string> {
  const reachable = await isReachable(wanted, await unprivilegedOwner());
  const folder = reachable
    ? wanted
    : `/var/tmp/gatehouse-${createHash("sha256").update(wanted).digest("hex").slice(0, 12)}`;
  await mkdir(folder, { recursive: true });
  await makeReachable(folder);
  return folder;
}

/** Claims a folder for this process, unless another one is using it. Returns a function that releases it. */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, "dev.pid");
  const pid = await readFile(file, "utf8").catch(() => null);
  if (pid !== null && /^\d+$/.test(pid) && (await commandOf(pid)).includes("src/dev/main")) {
    throw new Error(
      `Another \`npm run dev\` (process ${pid}) is at work in ${folder}; choose another with -- --data DIR.`,
    );
  }
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}

/** When run as root, lets the user that Postgres runs as pass through a folder to its own. */
export async function makeReachable(folder: string): Promise<void> {
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
}
