import type { OutputConfiguration } from "commander";
import { MOST_COUNTED } from "../store/token-families.ts";

/** Every command can print one JSON object for programs instead of text for people. */
export type OutputOptions = { readonly json?: boolean };

/** The page of a list to show. */
export type PageOptions = OutputOptions & { readonly search?: string; readonly after?: string };

export const print = ({ json }: OutputOptions, value: object, text: string): void =>
  console.log(json ? JSON.stringify(value) : text);

/**
 * A failure, for standard error: a sentence for people, and with `--json` one object for programs. `code` says that the command
 * line was wrong, since a program can't tell that from the sentence.
 */
export function formatError(message: string, code?: "usage"): string {
  if (!process.argv.includes("--json")) return message;
  return JSON.stringify({ error: { ...(code ? { code } : {}), message } });
}

/** How an error in the command line itself is printed. Commands inherit it when they are added. */
export const USAGE_ERRORS: OutputConfiguration = {
  outputError: (text, write) => {
    const message = text.trim();
    write(`${formatError(process.argv.includes("--json") ? message.replace(/^error: /, "") : message, "usage")}\n`);
  },
};

/** Returns a flow's result, or ends the command with the problem that the flow reported. */
export function orFail<T extends object>(result: T): Exclude<T, { readonly problem: string }> {
  if ("problem" in result) throw new Error(String(result.problem));
  return result as Exclude<T, { readonly problem: string }>;
}

/** A page of a list as a table, with the option that shows the next one. */
export function formatPage(rows: readonly (readonly string[])[], next: string | null, nothing: string): string {
  if (next === null) return rows.length === 0 ? nothing : formatTable(rows);
  const found = rows.length === 0 ? "None yet." : `${formatTable(rows)}\n`;
  return `${found}\nThere are more: --after ${next}`;
}

/** The number of live connections. They aren't counted to the end. */
export const formatLive = (count: number): string => `${count}${count === MOST_COUNTED ? "+" : ""} live`;

/** Rows in aligned columns. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  // Removes control characters, which a terminal would obey. Names that strangers chose may contain some.
  const plain = rows.map((row) => row.map((cell) => cell.replaceAll(/\p{C}/gu, "\ufffd")));
  const widths = (plain[0] ?? []).map((_, column) => Math.max(...plain.map((row) => row[column]?.length ?? 0)));
  return plain
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
