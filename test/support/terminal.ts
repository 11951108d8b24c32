import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect } from "vitest";
import { CLI } from "./cli.ts";

/** What a terminal shows, without its control sequences and the frame. */
const plain = (shown: string): string => stripVTControlCharacters(shown).replaceAll(/[\s│]+/g, " ");

/** Runs `setup` in a terminal, and types each answer when its question is there. */
export async function converse(
  home: Readonly<Record<"HOME" | "PATH", string>>,
  certificate: string,
  answers: readonly (readonly [question: string, typed: string])[],
  flags: readonly string[] = [],
) {
  const extraCa = join(home.HOME, "ca.pem");
  await writeFile(extraCa, certificate);
  const { DATABASE_URL: _, NO_COLOR: __, CI: ___, ...shell } = process.env;
  const env = { ...shell, ...home, NODE_EXTRA_CA_CERTS: extraCa, TERM: "xterm" };
  const command = `stty cols 200 rows 50; exec ${[process.execPath, CLI, "setup", ...flags].join(" ")}`;
  const terminal = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], { env });
  let [shown, from] = ["", 0];
  terminal.stdout.on("data", (chunk) => {
    shown += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    terminal.once("exit", resolve);
  });
  for (const [question, typed] of answers) {
    await expect.poll(() => plain(shown.slice(from)), { timeout: 20_000 }).toContain(question);
    from = shown.length;
    terminal.stdin.write(typed);
  }
  const code = await ended;
  return { code, shown: plain(shown) };
}
