import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseEnv } from "node:util";

/** The shell's variables, overridden by those of a file: KEY=VALUE lines or a JSON object. `-` is standard input. */
export async function readVariables(file: string | undefined): Promise<Readonly<Record<string, string | undefined>>> {
  if (file === undefined) return process.env;
  const content =
    file === "-"
      ? await text(process.stdin)
      : await readFile(file, "utf8").catch(() => {
          throw new Error(`${file} can't be read.`);
        });
  const isJson = content.trimStart().startsWith("{");
  return { ...process.env, ...(isJson ? parseObject(content) : parseEnv(content)) };
}

function parseObject(content: string): Record<string, string> {
  try {
    return JSON.parse(content) as Record<string, string>;
  } catch {
    // The parser's own message quotes what it read, which may be secret.
    throw new Error("The secrets file begins like JSON but isn't valid.");
  }
}
