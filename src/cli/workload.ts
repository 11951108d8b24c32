import type { Command } from "commander";
import { addWorkload, readWorkloads, removeWorkload } from "../flows/admin/workloads.ts";
import { connect, issuerOfDeployment } from "./database-connection.ts";
import { collect } from "./options.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

/** `workload` and what is below it. */
export function addWorkloadCommands(
  program: Command,
  add: (parent: Command, usage: string, description: string) => Command,
): void {
  const workload = program
    .command("workload")
    .description("programs that have no secret, but a token of a trusted issuer");
  add(workload, "add <name>", "let a program use an MCP server if its token matches a rule")
    .requiredOption("--issuer <name>", "the trusted issuer")
    .requiredOption("--resource <uri>", "the only MCP server that it may use")
    .requiredOption("--scope <scopes>", "the scopes that it may ask for, separated by spaces")
    .option("--claim <name=pattern>", "what a claim has to be, with * for any text (repeatable)", collect, [])
    .option("--audience <text>", "the audience of its token, if not this deployment")
    .option("--at <url>", "the deployment, if not the running one")
    .action(addWorkloadCommand);
  add(workload, "list", "list all, with their rules").action(listWorkloadsCommand);
  add(workload, "remove <client-id>", "delete a program, and end everything that it was granted").action(
    removeWorkloadCommand,
  );
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
    `${name} can get tokens now.\n\n  client_id  ${added.clientId}\n  audience   ${own}`,
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
  print(options, { workloads }, rows.length === 0 ? "There are no programs." : formatTable(rows));
}

async function removeWorkloadCommand(clientId: string, options: OutputOptions): Promise<void> {
  if (!(await removeWorkload(await connect(), clientId))) throw new Error(`There is no program ${clientId}.`);
  print(options, { clientId }, "Deleted. Everything that it was granted is revoked.");
}
