import { createProber } from "../../src/doctor/probe.ts";
import { createReport, type Report } from "../../src/doctor/report.ts";
import { walk } from "../../src/doctor/walk.ts";

/** What the doctor reports of a server on this machine. */
export async function examine(url: string): Promise<Report> {
  const target = new URL(url);
  const bounds = { hostnames: [target.hostname], mayAsk: async () => false, maxRequests: 80, timeoutMs: 10_000 };
  return createReport(await walk(target, createProber(bounds), { readOnly: false }));
}

/** The checks that found something, by id. */
export const found = ({ findings }: Report): readonly string[] =>
  findings.filter(({ outcome }) => outcome === "fail" || outcome === "warn").map(({ id }) => id);

/** What each client meets. */
export const verdicts = ({ clients }: Report): Readonly<Record<string, string>> =>
  Object.fromEntries(
    clients.map(({ client, outcome, because }) => [client, outcome === "stopped" ? `stopped: ${because}` : outcome]),
  );
