import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second on every architecture of Linux. */
const MILLISECONDS_A_TICK = 10;

type ProcessTimes = { readonly parent: number; readonly own: number; readonly ended: number };

/** proc(5): the fields after the command, which may contain anything, in its brackets. */
function readTimes(pid: number): ProcessTimes | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return {
      parent,
      own: (user + system) * MILLISECONDS_A_TICK,
      ended: (endedUser + endedSystem) * MILLISECONDS_A_TICK,
    };
  } catch {
    return null;
  }
}

/** The CPU time of one process with all its threads, in milliseconds. */
export const cpuOfProcess = (pid: number): number => readTimes(pid)?.own ?? 0;

/** The same for a process with its children, including ended ones, since Postgres has a process for each connection. */
export function cpuOfFamily(pid: number): number {
  const times = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readTimes(Number(name)) ?? [])
    .filter(({ parent }) => parent === pid)
    .reduce((sum, { own }) => sum + own, 0);
  const self = readTimes(pid);
  return times + (self ? self.own + self.ended : 0);
}
