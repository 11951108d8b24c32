import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** How the CLI finds the `npm run dev` that is up. */
export type RunningDev = {
  readonly pid: number;
  readonly issuer: string;
  readonly databaseUrl: string;
  readonly serverKey: string;
  readonly redisUrl: string;
  readonly redisToken: string;
};

const path = join(import.meta.dirname, "../../.gatehouse/running.json");

export async function writeRunning(running: RunningDev): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(running), { mode: 0o600 });
}

/** The one that is up, or null. */
export async function findRunning(): Promise<RunningDev | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  const running: RunningDev = JSON.parse(text);
  return isAlive(running.pid) ? running : null;
}

export async function removeRunning(): Promise<void> {
  const running = await findRunning();
  if (running?.pid === process.pid) await rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
