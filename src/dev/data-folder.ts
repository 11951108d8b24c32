import { createHash } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { isReachable, unprivilegedOwner } from "./postgres.ts";

/**
 * Where data is kept. As root, Postgres runs as another user, who can't get into a folder like /root: then it is one
 * under /var/tmp, named for the folder that was asked for.
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

/** As root, lets the user that Postgres runs as pass through a folder to its own. */
export async function makeReachable(folder: string): Promise<void> {
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
}
