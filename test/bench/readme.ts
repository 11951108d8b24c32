import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawGrowth, drawLatency } from "./charts.ts";
import { toMarkdown } from "./report.ts";
import type { Results } from "./results.ts";

const fileOf = (name: string) => join(import.meta.dirname, name);
const RESULTS = /(<!-- results -->\n)[\s\S]*(\n<!-- end of results -->)/;

/** Writes the results into README.md, between its marks, with the charts beside it. */
export async function writeReadme(results: Results): Promise<void> {
  const readme = await readFile(fileOf("README.md"), "utf8");
  await writeFile(fileOf("latency.svg"), await drawLatency(results));
  if (results.growth.length > 1) await writeFile(fileOf("growth.svg"), await drawGrowth(results));
  await writeFile(
    fileOf("README.md"),
    readme.replace(RESULTS, (_, before, after) => `${before}\n${toMarkdown(results)}${after}`),
  );
}
