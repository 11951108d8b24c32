import { createInterface } from "node:readline/promises";

/** Asks before something that can't be undone. A program can't be asked, so it passes `--yes`. */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new Error(`${question} Add --yes to confirm.`);
  if (!(await saysYes(`${question} Continue?`))) throw new Error("Nothing was changed.");
}

/** Whether the person at the terminal says yes. The question isn't on standard output, which a program may read. */
export async function saysYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} (y/N) `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
