import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

let reaper: ChildProcess | null = null;

/**
 * Makes sure that a process doesn't outlive this one, even if this one is killed without a chance to clean up. A shell
 * waits at the other end of a pipe, and when the pipe breaks it interrupts the processes that it was told of.
 */
export function reapAtEnd(pid: number): void {
  if (!reaper) {
    const script = 'while read -r pid; do pids="$pids $pid"; done; kill -INT $pids 2>/dev/null';
    reaper = spawn("sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"], cwd: "/" });
    reaper.unref();
    (reaper.stdin as unknown as { unref(): void }).unref();
  }
  reaper.stdin?.write(`${pid}\n`);
}

/** The processes of one program that this process started itself. */
export async function listChildren(program: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,comm="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, command]) => Number(parent) === process.pid && command?.includes(program))
    .map(([pid]) => Number(pid));
}
