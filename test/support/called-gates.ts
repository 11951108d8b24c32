import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectFile } from "../../src/dev/workerd.ts";

/** The functions in the database that a statement of the Worker names. The others are helpers of these. */
export async function readCalledGates(): Promise<readonly string[]> {
  const store = projectFile("src/store");
  const files = (await readdir(store)).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(files.map((file) => readFile(join(store, file), "utf8")));
  return texts.flatMap((text) => [...text.matchAll(/callGate\(db, "(\w+)"/g)].map(([, name = ""]) => name));
}
