import { type Command, InvalidArgumentError } from "commander";
import { CLIENT_PROFILES } from "../doctor/client-profiles.ts";
import { doctorCommand } from "./doctor.ts";

const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

/** A check with an unknown name would never fail, so such a name is an error. */
function collectClient(value: string, list: readonly string[]): readonly string[] {
  const keys = CLIENT_PROFILES.map(({ key }) => key);
  if (!keys.includes(value)) throw new InvalidArgumentError(`It is one of ${keys.join(", ")}.`);
  return [...list, value];
}

function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 to 9999.");
  return Number(text);
}

/** The options of `doctor`. */
export const describeDoctor = (command: Command): Command =>
  command
    .option("--host <name>", "another host that may be asked; can be repeated", collect, [])
    .option("--client <name>", "fail if this client doesn't connect; can be repeated", collectClient, [])
    .option("--requests <n>", "make no more requests than this", count, 100)
    .option("--email <address>", "try with this account what has to be refused; a browser opens")
    .option("--token", "the same with an access token, asked for or read from standard input")
    .option("--source <folder>", "read the source of an MCP server instead, for what a scanner would flag")
    .option("--read-only", "register nothing")
    .option("--all", "show what passed and what can't be told, too")
    .addHelpText(
      "after",
      "\nIt ends with 0 if nothing failed, with 1 if a check failed or a client of --client is stopped, and with 2 if it couldn't look at\nall of it.",
    )
    .action(doctorCommand);
