import type { Command } from "commander";
import { collect } from "./options.ts";
import {
  addProviderCommand,
  allowProviderCommand,
  checkProviderCommand,
  collectProviderScope,
  listProvidersCommand,
  removeProviderCommand,
} from "./provider.ts";

/** `provider` and its subcommands. */
export function addProviderCommands(
  program: Command,
  add: (parent: Command, usage: string, description: string) => Command,
): void {
  const provider = program
    .command("provider")
    .description("GitHub, Google and others: people sign in there, and servers use accounts there");
  const addAt = (usage: string, description: string): Command =>
    add(provider, usage, description).option("--at <url>", "the deployment, if it is not the one that is up");
  addAt("add <slug>", "add github, google, microsoft, gitlab, slack, linear or another; prints the redirect URI")
    .requiredOption("--client-id <id>", "what it calls this Gatehouse")
    .option("--secret-stdin", "read the client secret from standard input")
    .option("--public", "there is no client secret")
    .option("--preset <name>", "what it is, where its name is another")
    .option("--name <name>", "what people are shown")
    .option("--host <url>", "a GitHub or GitLab of one's own")
    .option("--tenant <id>", "the tenant at Microsoft")
    .option("--issuer <url>", "another OpenID provider, by discovery")
    .option("--authorization-endpoint <url>", "for plain OAuth that no preset knows")
    .option("--token-endpoint <url>", "the same")
    .option("--user-endpoint <url>", "the same: what says who somebody is")
    .option("--user-id <member>", "what its answer calls the stable id, if not id; dots lead inward: data.id")
    .option("--user-name <member>", "what its answer calls the name, if not login")
    .option("--revocation-endpoint <url>", "the same")
    .option("--scope <name=sentence>", "what may be asked for there, !name=sentence if broad", collectProviderScope, [])
    .option("--sign-in", "people sign in with it")
    .option("--join <rule>", "who may join: invited, domain:x, org:x, team:x/y, subject:x", collect, [])
    .option("--resource <uri>", "an MCP server that may use accounts there; can be repeated", collect, [])
    .action(addProviderCommand);
  addAt("list", "all of them, with their redirect URIs").action(listProvidersCommand);
  addAt("check <slug>", "whether discovery, keys and redirect URI are right").action(checkProviderCommand);
  add(provider, "allow <slug> <uri>", "let an MCP server use accounts there").action(allowProviderCommand(true));
  add(provider, "disallow <slug> <uri>", "the opposite").action(allowProviderCommand(false));
  add(provider, "remove <slug>", "forget it, with all identities and accounts there").action(removeProviderCommand);
}
