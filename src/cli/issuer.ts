import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import {
  addIssuer,
  checkIssuer,
  type IssuerInput,
  presetIssuer,
  readIssuers,
  removeIssuer,
  setIssuerStatus,
} from "../flows/admin/issuers.ts";
import { connect } from "./database-connection.ts";
import { collect } from "./options.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

/** `issuer` and what is below it. */
export function addIssuerCommands(
  program: Command,
  add: (parent: Command, usage: string, description: string) => Command,
): void {
  const issuer = program
    .command("issuer")
    .description("issuers whose assertions get tokens, for people and for programs");
  add(issuer, "add <name>", "trust an identity provider of people (ID-JAG), or an issuer of programs")
    .option("--issuer <url>", "its exact URL, or github-actions or gitlab")
    .option("--programs", "trust it for programs alone, and not for people")
    .option("--join <rule>", "who may join by its assertions: everybody or domain:x", collect, [])
    .option("--link-addresses", "recognize people here by addresses that it has verified")
    .option("--tenant <id>", "the only tenant to trust, if it has many")
    .option("--refresh", "give refresh tokens to the apps of its people")
    .option("--jwks-file <file>", "its keys, if they can't be fetched")
    .action(addIssuerCommand);
  add(issuer, "list", "list all").action(listIssuersCommand);
  add(issuer, "check <name>", "check its discovery and keys").action(checkIssuerCommand);
  add(issuer, "disable <name>", "stop trusting it, and end everything that came by it").action(
    issuerStatusCommand("off"),
  );
  add(issuer, "enable <name>", "trust it again").action(issuerStatusCommand("on"));
  add(issuer, "remove <name>", "delete it, with its programs and everything that came by it").action(
    removeIssuerCommand,
  );
}

type AddOptions = OutputOptions & {
  readonly issuer?: string;
  readonly programs?: boolean;
  readonly join: readonly string[];
  readonly linkAddresses?: boolean;
  readonly tenant?: string;
  readonly refresh?: boolean;
  readonly jwksFile?: string;
};

async function addIssuerCommand(name: string, options: AddOptions): Promise<void> {
  const preset = presetIssuer(name);
  const issuer = options.issuer ?? preset;
  if (!issuer) throw new Error("Give the issuer's URL, with --issuer https://….");
  const choices: IssuerInput = {
    name,
    issuer,
    jwks: options.jwksFile === undefined ? null : await readKeys(options.jwksFile),
    vouches: !options.programs && issuer !== preset,
    tenant: options.tenant ?? null,
    linksAddresses: options.linkAddresses ?? false,
    joining: options.join,
    refreshes: options.refresh ?? false,
  };
  print(options, orFail(await addIssuer(await connect(), choices)), `${issuer} is trusted.`);
}

async function readKeys(file: string): Promise<NonNullable<IssuerInput["jwks"]>> {
  const json = JSON.parse(await readFile(file, "utf8")) as { keys?: unknown };
  if (!Array.isArray(json.keys) || json.keys.length === 0) throw new Error(`${file} isn't a key set: {"keys":[…]}.`);
  return { keys: json.keys };
}

async function listIssuersCommand(options: OutputOptions): Promise<void> {
  const issuers = await readIssuers(await connect());
  const rows = issuers.map(({ name, issuer, isEnabled, vouches, people, workloads }) => [
    name,
    issuer,
    isEnabled ? "" : "off",
    vouches ? `${people} people` : "programs alone",
    `${workloads} programs`,
  ]);
  print(options, { issuers }, rows.length === 0 ? "No issuer is trusted." : formatTable(rows));
}

async function checkIssuerCommand(name: string, options: OutputOptions): Promise<void> {
  const checks = orFail(await checkIssuer(await connect(), name));
  const lines = checks.map(({ what, problem }) => (problem === null ? `✓ ${what}` : `✗ ${what}: ${problem}`));
  print(options, { checks }, lines.join("\n"));
  if (checks.some(({ problem }) => problem !== null)) process.exitCode = 1;
}

const issuerStatusCommand =
  (status: "on" | "off") =>
  async (name: string, options: OutputOptions): Promise<void> => {
    if (!(await setIssuerStatus(await connect(), name, status))) throw new Error(`There is no issuer ${name}.`);
    const said =
      status === "on" ? "It is trusted again." : "It isn't trusted any more. Everything that came by it has ended.";
    print(options, { name, status }, said);
  };

async function removeIssuerCommand(name: string, options: OutputOptions): Promise<void> {
  if (!(await removeIssuer(await connect(), name))) throw new Error(`There is no issuer ${name}.`);
  print(options, { name }, "Deleted, with its programs and everything that came by it.");
}
