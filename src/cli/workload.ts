import type { Command } from "commander";
import { addWorkload, readWorkloads, removeWorkload } from "../flows/admin/workloads.ts";
import { connect, issuerOfDeployment } from "./connection.ts";
import { collect } from "./options.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

/** `workload` and what is below it. */
export function addWorkloadCommands(
  program: Command,
  add: (parent: Command, usage: string, description: string) => Command,
): void {
  const workload = program.command("workload").description("programs without a secret, by what their issuer signs");
  add(workload, "add <name>", "let a program use an MCP server, if its issuer's token is as a rule says")
    .requiredOption("--issuer <name>", "the trusted issuer")
    .requiredOption("--resource <uri>", "the only MCP server that it may use")
    .requiredOption("--scope <scopes>", "all that it may ask for, separated by spaces")
    .option("--claim <name=pattern>", "what a claim has to be, with * for anything; can be repeated", collect, [])
    .option("--audience <text>", "whom its token is for, if not this deployment")
    .option("--at <url>", "the deployment, if it is not the one that is up")
    .action(addWorkloadCommand);
  add(workload, "list", "all of them, with their rules").action(listWorkloadsCommand);
  add(workload, "remove <client-id>", "forget one, and end all that it got").action(removeWorkloadCommand);
}

type AddOptions = OutputOptions & {
  readonly issuer: string;
  readonly resource: string;
  readonly scope: string;
  readonly claim: readonly string[];
  readonly audience?: string;
  readonly at?: string;
};

async function addWorkloadCommand(name: string, { claim, audience, at, json, ...input }: AddOptions): Promise<void> {
  const pairs = claim.map((each) => /^([^=]+)=(.+)$/s.exec(each)?.slice(1) ?? []);
  if (pairs.some(({ length }) => length !== 2)) throw new Error("A claim is given as NAME=PATTERN.");
  const claims = Object.fromEntries(pairs as [string, string][]);
  const own = audience ?? (await issuerOfDeployment(at));
  const added = orFail(await addWorkload(await connect(), { ...input, name, audience: own, claims }));
  print(
    json ? { json } : {},
    { ...added, audience: own },
    `${name} may come in.\n\n  client_id  ${added.clientId}\n  audience   ${own}`,
  );
}

async function listWorkloadsCommand(options: OutputOptions): Promise<void> {
  const workloads = await readWorkloads(await connect());
  const rows = workloads.map(({ clientId, name, issuer, server, claims, isBlocked }) => [
    clientId,
    name,
    issuer,
    server,
    Object.entries(claims)
      .map(([claim, pattern]) => `${claim}=${pattern}`)
      .join(" "),
    isBlocked ? "blocked" : "",
  ]);
  print(options, { workloads }, rows.length === 0 ? "No program comes in by a rule." : formatTable(rows));
}

async function removeWorkloadCommand(clientId: string, options: OutputOptions): Promise<void> {
  if (!(await removeWorkload(await connect(), clientId))) throw new Error(`No rule is about ${clientId}.`);
  print(options, { clientId }, "Forgotten, and all that it got has ended.");
}
