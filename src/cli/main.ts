import { Command } from "commander";
import { allowAccessCommand, listAccessCommand, openResourceCommand, removeAccessCommand } from "./access.ts";
import { appPolicyCommand, appRequestsCommand, decideAppCommand } from "./app.ts";
import { auditCommand } from "./audit.ts";
import {
  clientStatusCommand,
  createClientCommand,
  deleteClientCommand,
  listClientsCommand,
  showClientCommand,
} from "./client.ts";
import { findDatabaseUrl } from "./connection.ts";
import { listConnectionsCommand, revokeConnectionCommand } from "./connections.ts";
import { explainError } from "./database-check.ts";
import { describeDoctor } from "./doctor-options.ts";
import { addExamples } from "./examples.ts";
import { addGroupCommand, deleteGroupCommand, groupMemberCommand, listGroupsCommand } from "./group.ts";
import { createTokenCommand, listTokensCommand, revokeTokenCommand } from "./initial-access-token.ts";
import { addIssuerCommands } from "./issuer.ts";
import { rotateKeysCommand } from "./keys.ts";
import { openLoginCommand } from "./open-login.ts";
import { collect, positive } from "./options.ts";
import { addProviderCommands } from "./provider-commands.ts";
import { refusalsCommand } from "./refusals.ts";
import {
  addResourceCommand,
  applyResourceCommand,
  collectScope,
  deleteResourceCommand,
  listResourcesCommand,
  rotateResourceCommand,
} from "./resource.ts";
import { revokeCommand } from "./revoke.ts";
import { addReleaseCommands } from "./setup/commands.ts";
import { setupLinkCommand } from "./setup-link.ts";
import {
  createUserCommand,
  deleteUserCommand,
  exportUserCommand,
  listUsersCommand,
  setRoleCommand,
  userStatusCommand,
} from "./user.ts";
import { rewrapCommand, vaultStatusCommand } from "./vault.ts";
import { addWorkloadCommands } from "./workload.ts";

const program = new Command("gatehouse").description(
  "The owner's commands. They speak to the `npm run dev` that is up, or to DATABASE_URL.",
);

/** A command. Every one can print JSON. */
const add = (parent: Command, usage: string, description: string): Command =>
  parent.command(usage).description(description).option("--json", "print one JSON object");

const addLink = (parent: Command, usage: string, description: string): Command =>
  add(parent, usage, description).option("--issuer <url>", "the deployment, if it is not the one that is up");

const addList = (parent: Command, description: string, after: string): Command =>
  add(parent, "list", description).option(`--after <${after}>`, "only those after this one");

const user = program.command("user").description("people who may sign in");
addList(user, "everybody, by address", "email")
  .option("--search <text>", "only those with this in their address")
  .action(listUsersCommand);
add(user, "create <email>", "add a person with a password, asked for or read from standard input")
  .option("--owner", "may manage this server")
  .option("--password-stdin", "read the password from standard input")
  .action(createUserCommand);
add(user, "role <email> <role>", "make somebody an owner or a member").action(setRoleCommand);
add(user, "export <email>", "all that is kept about a person, as JSON, for them to have").action(exportUserCommand);
add(user, "disable <email>", "keep a person out and end all that they granted").action(userStatusCommand("disable"));
add(user, "enable <email>", "let a person in again").action(userStatusCommand("enable"));

add(user, "delete <email>", "forget a person and end all that they granted; says what that is, and asks")
  .option("--yes", "don't ask")
  .action(deleteUserCommand);
addLink(user, "invite <email>", "make a one-time link that sets an account up").action(
  setupLinkCommand((email) => ({ kind: "invitation", role: "member", email })),
);
addLink(user, "reset <email>", "make a one-time link with which a person chooses other credentials").action(
  setupLinkCommand((email) => ({ kind: "reset", email: email ?? "" })),
);

const owner = program.command("owner").description("people who may manage this server");
addLink(owner, "invite [email]", "make a one-time link that sets an owner's account up").action(
  setupLinkCommand((email) => ({ kind: "invitation", role: "owner", email })),
);

const resource = program.command("resource").description("MCP servers to protect");
addList(resource, "all of them, by URI", "uri").action(listResourcesCommand);
add(resource, "add <uri>", "add an MCP server; prints its introspection credential, once")
  .option("--name <name>", "what people are shown")
  .option("--scope <name=sentence>", "a scope and what it lets an app do; can be repeated", collectScope, [])
  .option("--default", "the one that requests without a resource get")
  .option("--access-seconds <number>", "how long an access token is good, up to 86400", Number)
  .action(addResourceCommand);
add(resource, "apply <file>", "add or change an MCP server as its gatehouse.resource.json says")
  .option("--uri <uri>", "the server, if it is another than the file's")
  .option("--default", "when added, make it the one that requests without a resource get")
  .action(applyResourceCommand);
add(resource, "rotate <uri>", "make a new introspection credential; the last one stays good beside it").action(
  rotateResourceCommand,
);

add(resource, "delete <uri>", "forget an MCP server and revoke all that was granted for it")
  .option("--yes", "don't ask")
  .action(deleteResourceCommand);

const addSubject = (usage: string, description: string): Command =>
  add(resource, usage, description)
    .option("--user <email>", "a person")
    .option("--group <name>", "the people of a group")
    .option("--everybody", "everybody who can sign in");
add(resource, "open <uri>", "let everybody use it").action(openResourceCommand(true));
add(resource, "restrict <uri>", "let only those use it whom rules name").action(openResourceCommand(false));
add(resource, "access <uri>", "whom its rules name").action(listAccessCommand);
addSubject("allow <uri>", "name somebody who may use it, or change what they may have of it")
  .option("--scope <scope>", "only this scope; can be repeated", collect, [])
  .action(allowAccessCommand);
addSubject("disallow <uri>", "take that away").action(removeAccessCommand);

const group = program.command("group").description("people who may use servers together");
add(group, "list [name]", "all of them, or who is in one").action(listGroupsCommand);
add(group, "add <name>", "add one")
  .option("--provider <slug>", "the provider that says at each sign-in who is in it")
  .option("--rule <rule>", "what it has to say: org:x, team:x/y, domain:x or claim:name=value")
  .action(addGroupCommand);
add(group, "join <name> <email>", "put somebody in").action(groupMemberCommand("join"));
add(group, "leave <name> <email>", "take somebody out").action(groupMemberCommand("leave"));
add(group, "delete <name>", "forget it, with the rules that name it").action(deleteGroupCommand);

addProviderCommands(program, add);
addIssuerCommands(program, add);
addWorkloadCommands(program, add);

const connection = program.command("connection").description("what people have connected");
addList(connection, "those that work", "id")
  .option("--user <email>", "only this person's")
  .option("--client <id>", "only this app's")
  .option("--resource <uri>", "only those with this MCP server")
  .action(listConnectionsCommand);
add(connection, "revoke <id>", "end one; its tokens are dead at the next call").action(revokeConnectionCommand);

const client = program.command("client").description("apps");
addList(client, "the newest first", "id")
  .option("--search <text>", "only those with this in their name, or at the start of their id")
  .action(listClientsCommand);
add(client, "show <id>", "all about one app").action(showClientCommand);
add(client, "create <name>", "register an app by hand; prints its secret, once")
  .option("--redirect-uri <uri>", "where it gets answers; can be repeated", collect, [])
  .option("--method <method>", "none, client_secret_basic, client_secret_post or private_key_jwt")
  .option("--machine", "it acts in its own name (client credentials), with --resource and --scope")
  .option("--id-jag", "it comes with assertions of a trusted issuer, also without a redirect URI")
  .option("--resource <uri>", "the only MCP server that it may ask for")
  .option("--scope <scopes>", "all that a machine may ask for, separated by spaces")
  .option("--jwks-uri <url>", "where its keys are, for private_key_jwt")
  .option("--jwks-file <file>", "its keys, for private_key_jwt")
  .option("--scheme <scheme>", "an app scheme without a dot that its redirect URIs may have", collect, [])
  .action(createClientCommand);
add(client, "approve <id>", "show it as approved").action(clientStatusCommand("approve"));
add(client, "block <id>", "refuse it and revoke all that it was granted").action(clientStatusCommand("block"));
add(client, "unblock <id>", "let it in again").action(clientStatusCommand("unblock"));
add(client, "delete <id>", "forget it and revoke all that it was granted")
  .option("--yes", "don't ask")
  .action(deleteClientCommand);

const app = program.command("app").description("which apps come in");
add(
  app,
  "policy [kind] [decision] [host]",
  "the rules; or document, registered or redirect, with welcome, ask, refuse or none",
).action(appPolicyCommand);
add(app, "requests", "who waits for your word on an app").action(appRequestsCommand);
add(app, "approve <id>", "let an app in; who waits goes on").action(decideAppCommand("approve"));
add(app, "refuse <id>", "keep an app out, as client block does").action(decideAppCommand("block"));

const token = program
  .command("initial-access-token")
  .description("initial access tokens, for REGISTRATION_POLICY=token");
add(token, "create", "make one; it is printed once")
  .requiredOption("--label <label>", "what it is for")
  .option("--resource <uri>", "the only MCP server that its clients may ask for")
  .option("--uses <n>", "how many clients it admits", positive)
  .option("--days <n>", "how long it is good", positive)
  .action(createTokenCommand);
add(token, "list", "the newest first").action(listTokensCommand);
add(token, "revoke <id>", "end one").action(revokeTokenCommand);

const vault = program.command("vault").description("what seals the secrets of providers and of linked accounts");
add(vault, "status", "how many hang on which version of the key").action(vaultStatusCommand);
add(vault, "rewrap", "wrap all under VAULT_KEY; what VAULT_KEY_PREVIOUS wrapped opens until then").action(
  rewrapCommand,
);

const keys = program.command("keys").description("the Worker's SERVER_KEY");
add(keys, "rotate", "give the Worker a new SERVER_KEY beside the present one, so that nobody is signed out")
  .option("--key-file <file>", "where keys are kept, on this machine alone (~/.config/gatehouse)")
  .option("--env <name>", "the environment of wrangler.toml")
  .option("--now", "also within an hour of the last time, for a key that has leaked")
  .action(rotateKeysCommand);

add(program, "revoke", "break the glass: end connections, and sign people out")
  .option("--all", "everybody's")
  .option("--yes", "don't ask before --all")
  .option("--user <email>", "one person's")
  .option("--client <id>", "one app's")
  .option("--resource <uri>", "those with one MCP server")
  .action(revokeCommand);

add(program, "refusals", "why apps don't connect: what was refused, what it means and what to change")
  .option("--client <id>", "only this app, or the server with this id")
  .option("--reference <id>", "only the request that an error page or answer called so")
  .option("--days <n>", "only the last days, up to 14", positive, 3)
  .action(refusalsCommand);

add(program, "audit", "what happened, the newest first")
  .option("--event <name>", "only this event")
  .option("--user <email>", "only this person")
  .option("--client <id>", "only this app")
  .option("--days <n>", "only the last days", positive)
  .option("--limit <n>", "at most this many, up to 1000", positive, 50)
  .action(auditCommand);

add(program, "open-login", "sign in as an app would and print the tokens")
  .option("--issuer <url>", "another server than the one that is up")
  .option("--resource <uri>", "the MCP server to ask for")
  .option("--scope <scopes>", "the scopes to ask for, separated by spaces")
  .option("--browser", "open a browser instead of only printing the link")
  .action(openLoginCommand);

describeDoctor(
  add(program, "doctor [url]", "why clients don't connect to an MCP server or an authorization server, anybody's"),
);

addReleaseCommands((usage, description) => add(program, usage, description), positive);

addExamples(program);

program.parseAsync().catch(async (error: Error) => {
  console.error(await explainError(error, await findDatabaseUrl().catch(() => undefined)));
  process.exitCode = 1;
});
