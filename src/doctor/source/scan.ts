import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { PKCE_RULE } from "./pkce.ts";
import { PLAINTEXT_RULE } from "./plaintext.ts";
import { REFRESH_RULE } from "./refresh.ts";
import { SCOPES_RULE } from "./scopes.ts";
import type { SourceFinding, SourceRule } from "./source-rule.ts";
import { lineOf, parseSource } from "./syntax.ts";

export const SOURCE_RULES: readonly SourceRule[] = [PKCE_RULE, SCOPES_RULE, REFRESH_RULE, PLAINTEXT_RULE];

export type SourceReport = {
  readonly folder: string;
  /** How many files were read. */
  readonly files: number;
  /** Files that weren't looked at, because they can't be parsed or have more than 4 MiB. */
  readonly unread: readonly string[];
  readonly findings: readonly SourceFinding[];
};

/** Other people's code, generated code, and tests, which contain made-up tokens. */
const SKIPPED = /^(node_modules|dist|build|out|coverage|vendor|\..*|tests?|__tests__|__mocks__|fixtures)$/;
const IS_SOURCE = /\.[cm]?[jt]sx?$/;
const IS_SKIPPED_FILE = /\.(d\.[cm]?ts|min\.js|test\.\w+|spec\.\w+)$|\.(test|spec)\.[cm]?[jt]sx?$/;
const MAX_BYTES = 4 * 1024 * 1024;

/** Reads the source in a folder and finds what a scanner would flag. */
export async function scanFolder(folder: string): Promise<SourceReport> {
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) throw new Error(`${folder} is not a folder.`);
  const unread: string[] = [];
  const findings: SourceFinding[] = [];
  const files = await listFiles(folder);
  for (const path of files) {
    const file = relative(folder, path);
    const isSmall = (await stat(path)).size <= MAX_BYTES;
    const scanned = isSmall ? scanText(file, await readFile(path, "utf8")) : null;
    if (scanned) findings.push(...scanned);
    else unread.push(file);
  }
  return { folder, files: files.length, unread, findings };
}

/** The findings in one file. Null if it can't be parsed. */
export function scanText(file: string, text: string): readonly SourceFinding[] | null {
  const source = parseSource(file, text);
  if (source.program.end === 0 && text.trim() !== "") return null;
  return SOURCE_RULES.flatMap(({ id, rule, remedy, find }) =>
    find(source).map(({ node, seen }) => ({ id, file, line: lineOf(source, node), seen, rule, remedy })),
  );
}

/** Symbolic links aren't followed, since they may lead out of the folder or in circles. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lists = entries
    .filter(({ name }) => !SKIPPED.test(name))
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(path);
      const isWanted = entry.isFile() && IS_SOURCE.test(entry.name) && !IS_SKIPPED_FILE.test(entry.name);
      return isWanted ? [path] : [];
    });
  return (await Promise.all(lists)).flat();
}
