import type { Command } from "commander";
import { migrateCommand } from "../migrate.ts";
import { deployCommand } from "./deploy-command.ts";
import { setupCommand } from "./setup-command.ts";

/** The commands that deploy a version. */
export function addReleaseCommands(
  add: (usage: string, description: string) => Command,
  seconds: (text: string) => number,
): void {
  const addRelease = (usage: string, description: string): Command =>
    add(usage, description)
      .option("--env <name>", "the environment of wrangler.toml, like staging")
      .option("--wait <seconds>", "how long to wait until the deployment answers", seconds, 120);
  addRelease("setup", "set up a deployment from nothing: ask, check, make keys, migrate and deploy")
    .option("--url <url>", "a domain of your Cloudflare account, or your workers.dev subdomain")
    .option("--redis-url <url>", "the REST URL of your Upstash Redis")
    .option("--origins <origins>", "browser origins that may call it, or none")
    .option(
      "--secrets-file <file>",
      "a file of variables like DATABASE_URL, as KEY=VALUE or JSON (- for standard input)",
    )
    .option("--resource <uri>", "the first MCP server to protect")
    .option("--resource-name <name>", "the name that people see")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--yes", "don't ask before starting")
    .action(setupCommand);
  addRelease("deploy", "check, migrate, deploy, and check the deployment").action(deployCommand);
  add("migrate", "bring the database up to date")
    .option("--plan", "show what would be done, and do nothing")
    .action(migrateCommand);
}
