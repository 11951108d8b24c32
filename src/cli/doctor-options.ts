import { type Command, InvalidArgumentError } from "commander";
import { CLIENT_PROFILES } from "../doctor/client-profiles.ts";
import { REDIRECT_URI } from "../doctor/walk-registration.ts";
import { doctorCommand } from "./doctor.ts";

const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

/** A check with an unknown name would never fail, so such a name is an error. */
function collectClient(value: string, list: readonly string[]): readonly string[] {
  const keys = CLIENT_PROFILES.map(({ key }) => key);
  if (!keys.includes(value)) throw new InvalidArgumentError(`It must be one of ${keys.join(", ")}.`);
  return [...list, value];
}

function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 to 9999.");
  return Number(text);
}

/** The options of `doctor`. */
export const describeDoctor = (command: Command): Command =>
  command
    .option("--host <name>", "another host that may be called (repeatable)", collect, [])
    .option("--client <name>", "fail if this client doesn't connect (repeatable)", collectClient, [])
    .option("--requests <n>", "make no more requests than this", count, 100)
    .option("--email <address>", "try requests that have to be refused with this account, in a browser")
    .option("--token", "the same with an access token, prompted for or read from standard input")
    .option("--other <url>", "with an account: a second MCP server, which has to refuse tokens of the first")
    .option("--client-id <id>", "use this client instead of registering one, with its secret in DOCTOR_CLIENT_SECRET")
    .option("--redirect-uri <uri>", `the loopback redirect URI of --client-id (${REDIRECT_URI})`)
    .option("--source <folder>", "scan the source of an MCP server instead")
    .option("--read-only", "register nothing")
    .option("--all", "also show checks that passed and those that couldn't be judged")
    .addHelpText(
      "after",
      "\nThe exit code is 0 if nothing failed, 1 if a check failed or a client of --client is stopped, and 2 if not everything could be\nchecked.",
    )
    .action(doctorCommand);
