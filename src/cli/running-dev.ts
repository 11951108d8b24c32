import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How the CLI finds a running `npm run dev`. */
type RunningDev = {
  readonly pid: number;
  readonly issuer: string;
  readonly databaseUrl: string;
  readonly serverKey: string;
  readonly vaultKey: string;
  readonly redisUrl: string;
  readonly redisToken: string;
};

const folder = join(import.meta.dirname, "../../.gatehouse/running");
const fileOf = (pid: number) => join(folder, `${pid}.json`);

export async function writeRunning(running: RunningDev): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(running.pid), JSON.stringify(running), { mode: 0o600 });
}

/** The running one, or the one that started last if there are several. Null if there is none. */
export async function findRunning(): Promise<RunningDev | null> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(names.map((name) => readOne(join(folder, name))));
  const up = files.filter((file) => file !== null).toSorted((one, other) => other.startedAt - one.startedAt);
  return up[0]?.running ?? null;
}

async function readOne(file: string): Promise<{ readonly running: RunningDev; readonly startedAt: number } | null> {
  const running: RunningDev = JSON.parse(await readFile(file, "utf8"));
  if (isAlive(running.pid)) return { running, startedAt: (await stat(file)).mtimeMs };
  // It was killed before it could remove its entry.
  await rm(file, { force: true });
  return null;
}

export const removeRunning = (): Promise<void> => rm(fileOf(process.pid), { force: true });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
