import { secretForms } from "../doctor/client-credentials.ts";
import { createProber } from "../doctor/prober.ts";
import { createReport, neutralized } from "../doctor/report.ts";
import { walkServer } from "../doctor/walk.ts";
import { saysYes } from "./confirm.ts";
import { type AccountOptions, borrowAccount } from "./doctor-account.ts";
import { type ClientOptions, readGivenClient } from "./doctor-client.ts";
import { formatReport, formatSource, type PrintedReport } from "./doctor-text.ts";
import { type OutputOptions, print } from "./output.ts";

type DoctorOptions = OutputOptions &
  AccountOptions &
  ClientOptions & {
    readonly host: readonly string[];
    readonly client: readonly string[];
    readonly requests: number;
    readonly source?: string;
    readonly other?: string;
    readonly readOnly?: boolean;
    readonly all?: boolean;
  };

const TIMEOUT_MS = 10_000;

/** `doctor URL`: exit code 0 if nothing is wrong, 1 if something is, 2 if it can't tell. */
export async function doctorCommand(url: string | undefined, options: DoctorOptions): Promise<void> {
  if (options.source !== undefined) return examineSource(options.source, url, options);
  const target = readTarget(url);
  const other = options.other === undefined ? null : readTarget(options.other);
  if (other && !options.email && !options.token) throw new Error("--other needs an account: --email or --token.");
  const client = readGivenClient(options, process.env);
  const hostnames = [...new Set([target.hostname, ...(other ? [other.hostname] : []), ...options.host])];
  const prober = createProber({
    hostnames,
    mayAsk,
    maxRequests: options.requests,
    timeoutMs: TIMEOUT_MS,
  });
  if (!options.json) console.error(`At most ${options.requests} requests, to ${hostnames.join(" and ")}.\n`);
  const { account, redirectUri, end } = await borrowAccount(options, client?.redirectUri ?? null);
  const readOnly = options.readOnly ?? false;
  const evidence = await walkServer(target, prober, {
    readOnly,
    account,
    other,
    ...(redirectUri ? { redirectUri } : {}),
    ...(client ? { client } : {}),
  }).finally(end);
  const unasked = [...prober.refusedHosts];
  const report = neutralized(
    {
      ...createReport(evidence),
      requests: prober.requests.length,
      registrations: { made: evidence.registration.made, deleted: evidence.registration.deleted },
      unasked,
    },
    [...(evidence.account?.secrets ?? []), ...(client ? secretForms(client) : [])],
  );
  print(options, report, formatReport(report, options.all ?? false));
  process.exitCode = exitCodeOf(report, options);
}

/** A walk ends early if it lacks a host or requests, or if the given client isn't taken. */
function exitCodeOf({ clients, findings, unasked, requests, clientProblem }: PrintedReport, options: DoctorOptions) {
  const isStopped = clients.some(({ client, outcome }) => options.client.includes(client) && outcome === "stopped");
  if (isStopped || findings.some(({ outcome }) => outcome === "fail")) return 1;
  const isRefused = options.clientId !== undefined && clientProblem !== null;
  return isRefused || unasked.length > 0 || requests >= options.requests ? 2 : 0;
}

/** `doctor --source DIR` */
async function examineSource(folder: string, url: string | undefined, options: OutputOptions): Promise<void> {
  if (url) throw new Error("Give a URL or a folder, not both.");
  // The parser is native code, which no other command needs.
  const { scanFolder } = await import("../doctor/source/scan.ts");
  const report = neutralized(await scanFolder(folder));
  print(options, report, formatSource(report));
  process.exitCode = report.findings.length > 0 ? 1 : 0;
}

function readTarget(url: string | undefined): URL {
  if (!url) throw new Error("Give the URL of an MCP server or of an authorization server, or a folder with --source.");
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(url) ? url : `https://${url}`;
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error(`${url} is not the URL of a server.`);
  const target = new URL(text);
  if (target.username || target.password) throw new Error("Remove the user and password from the URL.");
  target.hash = "";
  return target;
}

/** Metadata may lead to hosts that nobody named. A person is asked about them. A program names them beforehand. */
async function mayAsk(hostname: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  return saysYes(`The server leads to ${neutralized(hostname)}. Ask there, too?`);
}
