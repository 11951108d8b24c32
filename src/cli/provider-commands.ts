import { type Command, Option } from "commander";
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
    .description("GitHub, Google and others, where people sign in and servers use accounts");
  const addAt = (usage: string, description: string): Command =>
    add(provider, usage, description).option("--at <url>", "the deployment, if not the running one");
  addAt("add <slug>", "add github, google, microsoft, gitlab, slack, linear or another, and print the redirect URI")
    .requiredOption("--client-id <id>", "the client id that it gave to this Gatehouse")
    .addOption(
      new Option("--token-endpoint-auth-method <method>", "how the token endpoint takes the client secret")
        .choices(["client_secret_basic", "client_secret_post"])
        .conflicts("public"),
    )
    .option("--secret-stdin", "read the client secret from standard input")
    .option("--public", "the client has no secret")
    .option("--preset <name>", "its preset, if the name differs")
    .option("--name <name>", "the name that people see")
    .option("--host <url>", "your own GitHub or GitLab server")
    .option("--tenant <id>", "the tenant, for Microsoft")
    .option("--issuer <url>", "another OpenID provider, by discovery")
    .option("--authorization-endpoint <url>", "the authorization endpoint, for plain OAuth without a preset")
    .option("--token-endpoint <url>", "the token endpoint, for plain OAuth")
    .option("--user-endpoint <url>", "the endpoint that says who a person is")
    .option(
      "--user-id <member>",
      "the member of its answer with the stable id (default: id). Dots lead deeper: data.id",
    )
    .option("--user-name <member>", "the member of its answer with the name (default: login)")
    .option("--revocation-endpoint <url>", "the revocation endpoint, if it has one")
    .option(
      "--scope <name=sentence>",
      "a scope that servers may ask for there, !name=sentence if broad",
      collectProviderScope,
      [],
    )
    .option("--sign-in", "people sign in with it")
    .option("--join <rule>", "who may join: invited, domain:x, org:x, team:x/y, subject:x", collect, [])
    .option("--resource <uri>", "an MCP server that may use accounts there (repeatable)", collect, [])
    .action(addProviderCommand);
  addAt("list", "list all, with their redirect URIs").action(listProvidersCommand);
  addAt("check <slug>", "check discovery, keys and redirect URI").action(checkProviderCommand);
  add(provider, "allow <slug> <uri>", "let an MCP server use accounts there").action(allowProviderCommand(true));
  add(provider, "disallow <slug> <uri>", "stop an MCP server from using accounts there").action(
    allowProviderCommand(false),
  );
  add(provider, "remove <slug>", "delete a provider, with all identities and accounts there").action(
    removeProviderCommand,
  );
}
