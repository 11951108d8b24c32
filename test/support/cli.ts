import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inject } from "vitest";
import type { Gatehouse } from "./gatehouse.ts";

/** What Node gets to run the owner's commands. */
export const CLI = inject("cli");

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command in a process of its own, as a person or a pipeline does. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  input = "",
): Promise<Ran> {
  const running = promisify(execFile)(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
  running.child.stdin?.end(input);
  return running.then(
    (printed) => ({ code: 0, ...printed }),
    (error) => error,
  );
}

/** Runs commands as the operator of this Gatehouse. */
export const operatorOf =
  ({ services }: Gatehouse) =>
  (...args: string[]): Promise<Ran> =>
    runCommand(args, { DATABASE_URL: services.databaseUrl });
