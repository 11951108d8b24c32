import { type Bounds, createProber, type Prober } from "../../src/doctor/prober.ts";
import { createReport, type Report } from "../../src/doctor/report.ts";
import { walkServer } from "../../src/doctor/walk.ts";
import { type Ran, runCommand } from "./cli.ts";

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

/** Runs `cli doctor` as a person or a pipeline does. */
export const runDoctor = (...args: string[]): Promise<Ran> => runDoctorWith("", ...args);

/** The same with something on standard input. */
export const runDoctorWith = (input: string, ...args: string[]): Promise<Ran> =>
  runCommand(["doctor", ...args], {}, input);
