import { Command } from "commander";
import { appPolicyCommand, appRequestsCommand, decideAppCommand } from "./app.ts";
import { auditCommand } from "./audit.ts";
import { addDeploymentOption } from "./chosen-deployment.ts";
import {
  clientStatusCommand,
  createClientCommand,
  deleteClientCommand,
  listClientsCommand,
  showClientCommand,
} from "./client.ts";
import { listConnectionsCommand, revokeConnectionCommand } from "./connections.ts";
import { findDatabaseUrl } from "./database-connection.ts";
import { explainError } from "./database-diagnosis.ts";
import { describeDoctor } from "./doctor-options.ts";
import { addExamples } from "./examples.ts";
import { addGroupCommand, deleteGroupCommand, groupMemberCommand, listGroupsCommand } from "./group.ts";
import { createTokenCommand, listTokensCommand, revokeTokenCommand } from "./initial-access-token.ts";
import { addIssuerCommands } from "./issuer.ts";
import { rotateKeysCommand } from "./keys.ts";
import { openLoginCommand } from "./open-login.ts";
import { collect, positive } from "./options.ts";
import { formatError, USAGE_ERRORS } from "./output.ts";
import { addProviderCommands } from "./provider-commands.ts";
import { refusalsCommand } from "./refusals.ts";
import {
  addResourceCommand,
  applyResourceCommand,
  collectScope,
  deleteResourceCommand,
  listResourcesCommand,
  rotateResourceCommand,
  showResourceCommand,
} from "./resource.ts";
import { allowAccessCommand, listAccessCommand, openResourceCommand, removeAccessCommand } from "./resource-access.ts";
import { revokeCommand } from "./revoke.ts";
import { addReleaseCommands } from "./setup/commands.ts";
import { setupLinkCommand } from "./setup-link.ts";
import {
  createUserCommand,
  deleteUserCommand,
  exportUserCommand,
  listOwnersCommand,
  listUsersCommand,
  setRoleCommand,
  userStatusCommand,
} from "./user.ts";
import { rewrapCommand, vaultStatusCommand } from "./vault.ts";
import { addWorkloadCommands } from "./workload.ts";

const program = new Command("gatehouse")
  .configureOutput(USAGE_ERRORS)
  .description("The owner's commands. They work on a running `npm run dev`, on --env, or on DATABASE_URL.");

/** A command. Every one can print JSON. */
const add = (parent: Command, usage: string, description: string): Command =>
  parent.command(usage).description(description).option("--json", "print one JSON object");

const addLink = (parent: Command, usage: string, description: string): Command =>
  add(parent, usage, description).option("--issuer <url>", "the deployment, if not the running one");

const addList = (parent: Command, description: string, after: string): Command =>
  add(parent, "list", description).option(`--after <${after}>`, "only those after this one");

const user = program.command("user").description("people who can sign in");
addList(user, "list everybody, by address", "email")
  .option("--search <text>", "only those whose address contains this")
  .action(listUsersCommand);
add(user, "create <email>", "add a person with a password, prompted for or read from standard input")
  .option("--owner", "make them an owner")
  .option("--password-stdin", "read the password from standard input")
  .action(createUserCommand);
add(user, "role <email> <role>", "make somebody an owner or a member").action(setRoleCommand);
add(user, "export <email>", "print everything that is stored about a person, as JSON").action(exportUserCommand);
add(user, "disable <email>", "disable a person and end everything that they granted").action(
  userStatusCommand("disable"),
);
add(user, "enable <email>", "enable a person again").action(userStatusCommand("enable"));
add(user, "delete <email>", "delete a person and end everything that they granted, after a question")
  .option("--yes", "don't ask")
  .action(deleteUserCommand);
addLink(user, "invite <email>", "make a one-time link that sets up an account").action(
  setupLinkCommand((email) => ({ kind: "invitation", role: "member", email })),
);
addLink(user, "reset <email>", "make a one-time link with which a person sets new credentials").action(
  setupLinkCommand((email) => ({ kind: "reset", email: email ?? "" })),
);

const owner = program.command("owner").description("people who can manage this server");
addList(owner, "list owners, by address", "email").action(listOwnersCommand);
addLink(owner, "invite [email]", "make a one-time link that sets up an owner's account").action(
  setupLinkCommand((email) => ({ kind: "invitation", role: "owner", email })),
);

const resource = program.command("resource").description("MCP servers to protect");
addList(resource, "list all, by URI", "uri").action(listResourcesCommand);
add(resource, "show <uri>", "show everything about an MCP server").action(showResourceCommand);
add(resource, "add <uri>", "add an MCP server and print its introspection credential, once")
  .option("--name <name>", "the name that people see")
  .option("--scope <name=sentence>", "a scope and what it lets an app do (repeatable)", collectScope, [])
  .option("--default", "make it the default for requests without a resource")
  .option("--access-seconds <number>", "lifetime of an access token in seconds, up to 86400", Number)
  .action(addResourceCommand);
add(resource, "apply <file>", "add or change an MCP server as its gatehouse.resource.json says")
  .option("--uri <uri>", "the server's URI, if it differs from the file's")
  .option("--default", "if it is added, make it the default for requests without a resource")
  .action(applyResourceCommand);
add(resource, "rotate <uri>", "make a new introspection credential, beside the previous one").action(
  rotateResourceCommand,
);
add(resource, "delete <uri>", "delete an MCP server and revoke everything that was granted for it")
  .option("--yes", "don't ask")
  .action(deleteResourceCommand);

const addSubject = (usage: string, description: string): Command =>
  add(resource, usage, description)
    .option("--user <email>", "a person")
    .option("--group <name>", "the people of a group")
    .option("--everybody", "everybody who can sign in");
add(resource, "open <uri>", "let everybody use an MCP server").action(openResourceCommand(true));
add(resource, "restrict <uri>", "let only those use an MCP server whom its rules name").action(
  openResourceCommand(false),
);
add(resource, "access <uri>", "list the rules of an MCP server").action(listAccessCommand);
addSubject("allow <uri>", "let somebody use an MCP server, or change their scopes")
  .option("--scope <scope>", "only this scope (repeatable)", collect, [])
  .action(allowAccessCommand);
addSubject("disallow <uri>", "delete such a rule").action(removeAccessCommand);

const group = program.command("group").description("groups of people who may use servers");
add(group, "list [name]", "list all groups, or the people in one").action(listGroupsCommand);
add(group, "add <name>", "add a group")
  .option("--provider <slug>", "the provider that decides at each sign-in who is in it")
  .option("--rule <rule>", "its rule: org:x, team:x/y, domain:x or claim:name=value")
  .action(addGroupCommand);
add(group, "join <name> <email>", "add somebody to a group").action(groupMemberCommand("join"));
add(group, "leave <name> <email>", "remove somebody from a group").action(groupMemberCommand("leave"));
add(group, "delete <name>", "delete a group, with the rules that name it").action(deleteGroupCommand);

addProviderCommands(program, add);
addIssuerCommands(program, add);
addWorkloadCommands(program, add);

const connection = program.command("connection").description("what people have connected");
addList(connection, "list live connections", "id")
  .option("--user <email>", "only this person's")
  .option("--client <id>", "only this app's")
  .option("--resource <uri>", "only those with this MCP server")
  .action(listConnectionsCommand);
add(connection, "revoke <id>", "end a connection").action(revokeConnectionCommand);

const client = program.command("client").description("apps");
addList(client, "list apps, newest first", "id")
  .option("--search <text>", "only those whose name contains this, or whose id starts with it")
  .action(listClientsCommand);
add(client, "show <id>", "show everything about an app").action(showClientCommand);
add(client, "create <name>", "register an app by hand and print its secret, once")
  .option("--redirect-uri <uri>", "a redirect URI (repeatable)", collect, [])
  .option("--method <method>", "none, client_secret_basic, client_secret_post or private_key_jwt")
  .option("--machine", "it acts in its own name (client credentials), with --resource and --scope")
  .option("--id-jag", "it comes with assertions of a trusted issuer, also without a redirect URI")
  .option("--resource <uri>", "the only MCP server that it may ask for")
  .option("--scope <scopes>", "the scopes that a machine may ask for, separated by spaces")
  .option("--jwks-uri <url>", "the URL of its keys, for private_key_jwt")
  .option("--jwks-file <file>", "its keys, for private_key_jwt")
  .option("--scheme <scheme>", "an app scheme without a dot that its redirect URIs may have", collect, [])
  .action(createClientCommand);
add(client, "approve <id>", "show an app as approved").action(clientStatusCommand("approve"));
add(client, "block <id>", "block an app and end everything that it was granted").action(clientStatusCommand("block"));
add(client, "unblock <id>", "unblock an app").action(clientStatusCommand("unblock"));
add(client, "delete <id>", "delete an app and end everything that it was granted")
  .option("--yes", "don't ask")
  .action(deleteClientCommand);

const app = program.command("app").description("which apps come in");
add(
  app,
  "policy [kind] [decision] [host]",
  "list the rules, or set one for document, registered or redirect: welcome, ask, refuse or none",
).action(appPolicyCommand);
add(app, "requests", "list the people who wait for your decision on an app").action(appRequestsCommand);
add(app, "approve <id>", "let an app in, also for the people who wait for it").action(decideAppCommand("approve"));
add(app, "refuse <id>", "keep an app out, as client block does").action(decideAppCommand("block"));

const token = program
  .command("initial-access-token")
  .description("initial access tokens, for REGISTRATION_POLICY=token");
add(token, "create", "make a token and print it, once")
  .requiredOption("--label <label>", "what it is for")
  .option("--resource <uri>", "the only MCP server that its clients may ask for")
  .option("--uses <n>", "how many clients it admits", positive)
  .option("--days <n>", "its lifetime in days", positive)
  .action(createTokenCommand);
add(token, "list", "list tokens, newest first").action(listTokensCommand);
add(token, "revoke <id>", "end a token").action(revokeTokenCommand);

const vault = program.command("vault").description("the secrets of providers and of linked accounts");
add(vault, "status", "count the secrets under each version of the key").action(vaultStatusCommand);
add(vault, "rewrap", "wrap everything under VAULT_KEY, so that VAULT_KEY_PREVIOUS can be removed").action(
  rewrapCommand,
);

const keys = program.command("keys").description("the Worker's SERVER_KEY");
add(keys, "rotate", "give the Worker a new SERVER_KEY beside the current one, so that nobody is signed out")
  .option("--key-file <file>", "where this machine stores keys (~/.config/gatehouse)")
  .option("--env <name>", "the environment of wrangler.toml")
  .option("--now", "even within an hour of the last rotation, if a key has leaked")
  .action(rotateKeysCommand);

add(program, "revoke", "in an emergency, end connections and sign people out")
  .option("--all", "everybody's")
  .option("--yes", "don't ask before --all")
  .option("--user <email>", "only one person's")
  .option("--client <id>", "only one app's")
  .option("--resource <uri>", "only those with one MCP server")
  .action(revokeCommand);

add(program, "refusals", "why apps don't connect: refused requests, what they mean and what to change")
  .option("--client <id>", "only this app, or the server with this id")
  .option("--reference <id>", "only the request with this reference, from an error page or answer")
  .option("--days <n>", "only the last days, up to 14", positive, 3)
  .action(refusalsCommand);

add(program, "audit", "list events, newest first")
  .option("--event <name>", "only this event")
  .option("--user <email>", "only this person")
  .option("--client <id>", "only this app")
  .option("--days <n>", "only the last days", positive)
  .option("--limit <n>", "at most this many, up to 1000", positive, 50)
  .action(auditCommand);

add(program, "open-login", "sign in like an app and print the tokens")
  .option("--issuer <url>", "another server than the running one")
  .option("--resource <uri>", "the MCP server to ask for")
  .option("--scope <scopes>", "the scopes to ask for, separated by spaces")
  .option("--browser", "open a browser instead of only printing the link")
  .action(openLoginCommand);

describeDoctor(
  add(program, "doctor [url]", "find out why clients don't connect to any MCP server or authorization server"),
);

addReleaseCommands((usage, description) => add(program, usage, description), positive);
addDeploymentOption(program);
addExamples(program);
program.parseAsync().catch(async (error: Error) => {
  console.error(formatError(await explainError(error, await findDatabaseUrl().catch(() => undefined))));
  process.exitCode = 1;
});
