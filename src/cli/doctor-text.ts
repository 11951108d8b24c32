import type { PostureGrade } from "../doctor/posture.ts";
import type { Finding, Report } from "../doctor/report.ts";
import type { SourceReport } from "../doctor/source/scan.ts";
import type { Verdict } from "../doctor/verdict.ts";
import { formatTable } from "./output.ts";

export type PrintedReport = Report & {
  readonly requests: number;
  readonly registrations: { readonly made: number; readonly deleted: number };
  readonly unasked: readonly string[];
};

const SIGNS = { pass: "✓", fail: "✗", warn: "!", unknown: "?" } as const;

/** A report for people: what is wrong, what to change, and which clients connect. */
export function formatReport(report: PrintedReport, all: boolean): string {
  const { target, kind, issuer, findings, clients, unasked } = report;
  const title = `${target} is an ${kind}${kind === "MCP server" && issuer ? `, protected by ${issuer}` : ""}.`;
  const shown = findings.filter(({ outcome }) => all || outcome === "fail" || outcome === "warn");
  const groups = [...new Set(shown.map(({ group }) => group))];
  const parts = groups.map((group) => formatGroup(group, shown));
  const hosts = unasked.map(
    (host) => `${host} wasn't called, because nobody named it. To include it, add --host ${host}.`,
  );
  return [
    title,
    ...parts,
    formatClients(clients),
    formatPosture(report.posture, all),
    [...hosts, ...(report.clientProblem ? [report.clientProblem] : []), formatCount(report)].join("\n"),
  ].join("\n\n");
}

const formatGroup = (group: string, findings: readonly Finding[]): string =>
  [group, ...findings.filter((each) => each.group === group).map(formatFinding)].join("\n");

function formatFinding({ id, title, rule, outcome, seen, remedy }: Finding): string {
  const first = `  ${SIGNS[outcome]} ${title}  (${id})`;
  if (outcome === "pass") return first;
  if (outcome === "unknown") return `${first}\n      couldn't be judged: ${seen}`;
  return `${first}\n      seen    ${seen}\n      rule    ${rule}\n      change  ${remedy}`;
}

const WORDS: Readonly<Record<Verdict["outcome"], string>> = {
  connects: "connects",
  "once deployed": "connects once it is deployed",
  stopped: "is stopped",
  unknown: "can't be told",
};

const formatClients = (clients: readonly Verdict[]): string =>
  `Clients\n${formatTable(
    clients.map(({ name, outcome, because }) => [`  ${name}`, WORDS[outcome] + (because ? `: ${because}` : "")]),
  )}`;

/** The grades, each with the reason why it isn't an A. */
const formatPosture = (posture: readonly PostureGrade[], all: boolean): string =>
  `Posture\n${posture.flatMap((aspect) => formatGrade(aspect, all)).join("\n")}`;

function formatGrade({ title, grade, reasons }: PostureGrade, all: boolean): readonly string[] {
  // Without --all, one doubt stands for all of them.
  const [firstDoubt] = reasons.filter((reason) => reason.grade === "B");
  const worth = reasons.filter((reason) => reason.grade === "F" || reason.grade === "C" || reason === firstDoubt);
  return [
    `  ${grade ?? "?"}  ${title}`,
    ...(all ? reasons : worth).map((reason) => `       ${reason.grade}  ${reason.because}`),
  ];
}

function formatCount({ findings, requests, registrations: { made, deleted } }: PrintedReport): string {
  const count = (outcome: Finding["outcome"]) => findings.filter((each) => each.outcome === outcome).length;
  const untold = count("unknown") > 0 ? `, ${count("unknown")} couldn't be judged (--all says why)` : "";
  const kept = made > deleted ? ` ${made} apps were registered and ${deleted} deleted again.` : "";
  return `${count("pass")} checks passed, ${count("fail")} failed, ${count("warn")} warned${untold}. ${requests} requests were made.${kept}`;
}

/** What was found in the source, by file and line. */
export function formatSource({ folder, files, unread, findings }: SourceReport): string {
  const found = findings.map(
    ({ id, file, line, seen, rule, remedy }) =>
      `${file}:${line}  ${seen}  (${id})\n      rule    ${rule}\n      change  ${remedy}`,
  );
  const lost = unread.length > 0 ? [`Not read, since they can't be parsed or are too large: ${unread.join(", ")}`] : [];
  const count = `${files} files of ${folder} were read; ${findings.length === 0 ? "nothing was" : `${findings.length} places were`} found.`;
  return [...found, ...lost, count].join("\n\n");
}
