import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { projectFile } from "../../src/dev/workerd.ts";
import { type Bounds, createProber, type Prober } from "../../src/doctor/probe.ts";
import { createReport, type Report } from "../../src/doctor/report.ts";
import { walkServer } from "../../src/doctor/walk.ts";

/** A prober with the command's bounds, except for those that a test sets. */
export const proberFor = (url: string, bounds: Partial<Bounds> = {}): Prober =>
  createProber({
    hostnames: [new URL(url).hostname],
    mayAsk: async () => false,
    maxRequests: 80,
    timeoutMs: 10_000,
    ...bounds,
  });

/** The doctor's report about a server on this machine. */
export const examine = async (url: string, prober = proberFor(url)): Promise<Report> =>
  createReport(await walkServer(new URL(url), prober, { readOnly: false }));

/** The checks that found something, by id. */
export const found = ({ findings }: Report): readonly string[] =>
  findings.filter(({ outcome }) => outcome === "fail" || outcome === "warn").map(({ id }) => id);

/** The verdict for each client. */
export const verdicts = ({ clients }: Report): Readonly<Record<string, string>> =>
  Object.fromEntries(
    clients.map(({ client, outcome, because }) => [client, outcome === "stopped" ? `stopped: ${because}` : outcome]),
  );

type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `cli doctor` as a person or a pipeline does. */
export const runDoctor = (...args: string[]): Promise<Output> => runDoctorWith("", ...args);

/** The same with something on standard input. */
export async function runDoctorWith(input: string, ...args: string[]): Promise<Output> {
  const running = promisify(execFile)(process.execPath, [projectFile("src/cli/main.ts"), "doctor", ...args]);
  running.child.stdin?.end(input);
  return running.then(
    (output) => ({ code: 0, ...output }),
    (error) => error,
  );
}
