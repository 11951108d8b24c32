import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { refuseUnknown } from "./wrangler.ts";

/** Where this machine keeps files of a deployment that mustn't be in the source tree. */
export function privateFile(env: string | undefined, what: string): string {
  refuseUnknown(env);
  return join(homedir(), ".config/gatehouse", `${env || "production"}${what}.json`);
}

/** Reads such a file. Null if there is none. */
export async function readPrivate<T>(file: string): Promise<T | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    // A file that exists but can't be read must not count as missing, or it would be overwritten.
    if (error.code !== "ENOENT") throw new Error(`${file} can't be read (${error.code}).`);
    return null;
  });
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${file} is not JSON. Repair it, or restore it from a backup: it may hold the only copy of a key.`);
  }
}

/** Writes one completely or not at all, readable for its owner alone. */
export async function writePrivate(file: string, value: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
