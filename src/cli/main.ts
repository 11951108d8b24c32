import { Command } from "commander";
import { listClientsCommand } from "./client.ts";
import { findDatabaseUrl } from "./connection.ts";
import { migrate } from "./migrate.ts";
import { openLoginCommand } from "./open-login.ts";
import { addResourceCommand, collectScope, rotateResourceCommand } from "./resource.ts";
import { createUserCommand } from "./user.ts";

const program = new Command("gatehouse")
  .description("The owner's commands. They speak to the `npm run dev` that is up, or to DATABASE_URL.")
  .configureHelp({ showGlobalOptions: true });

const user = program.command("user").description("people who may sign in");
user
  .command("create <email>")
  .description("add a person with a password, asked for or read from standard input")
  .option("--owner", "may manage this server")
  .option("--password-stdin", "read the password from standard input")
  .option("--json", "print one JSON object")
  .action(createUserCommand);

const resource = program.command("resource").description("MCP servers to protect");
resource
  .command("add <uri>")
  .description("add an MCP server; prints its introspection credential, once")
  .option("--name <name>", "what people are shown")
  .option("--scope <name=sentence>", "a scope and what it lets an app do; can be repeated", collectScope, [])
  .option("--default", "the one that requests without a resource get")
  .option("--json", "print one JSON object")
  .action(addResourceCommand);
resource
  .command("rotate <uri>")
  .description("make a new introspection credential; the last one stays good beside it")
  .option("--json", "print one JSON object")
  .action(rotateResourceCommand);

const client = program.command("client").description("apps that have registered");
client
  .command("list")
  .description("the newest first")
  .option("--json", "print one JSON object")
  .action(listClientsCommand);

program
  .command("open-login")
  .description("sign in as an app would and print the tokens")
  .option("--issuer <url>", "another server than the one that is up")
  .option("--resource <uri>", "the MCP server to ask for")
  .option("--scope <scopes>", "the scopes to ask for, separated by spaces")
  .option("--browser", "open a browser instead of only printing the link")
  .option("--json", "print one JSON object")
  .action(openLoginCommand);

program
  .command("migrate")
  .description("bring the database up to date")
  .action(async () => {
    const applied = await migrate(await findDatabaseUrl());
    console.log(applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
  });

program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
