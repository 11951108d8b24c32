import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a data folder stores beside the database: secrets of which the database has only digests. */
export type DevState = {
  readonly serverKey: string;
  readonly vaultKey: string;
  /** Introspection credentials of the example, by resource URI. */
  readonly credentials: Readonly<Record<string, { readonly id: string; readonly secret: string }>>;
};

const newKey = (): string => randomBytes(32).toString("base64url");

const pathIn = (folder: string) => join(folder, "state.json");

export async function readState(folder: string | null): Promise<DevState> {
  const text = folder && (await readFile(pathIn(folder), "utf8").catch(() => null));
  // Adds the vault key to a folder from before the vault existed.
  return { serverKey: newKey(), vaultKey: newKey(), credentials: {}, ...(text ? JSON.parse(text) : {}) };
}

export async function writeState(folder: string | null, state: DevState): Promise<void> {
  if (folder) await writeFile(pathIn(folder), JSON.stringify(state, null, 2), { mode: 0o600 });
}
