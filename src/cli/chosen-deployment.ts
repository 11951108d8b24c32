import type { Command } from "commander";
import { keyFileOf, readKeys } from "./kept-keys.ts";
import { privateFile } from "./private-file.ts";
import { readSettings } from "./setup/answers.ts";

/** These go to a server by its URL. They use neither its database nor its keys. */
const BY_URL: ReadonlySet<string> = new Set(["doctor", "open-login"]);

/** Gives `--env` to every command that works on a database. It has no default: production is always typed. */
export function addDeploymentOption(parent: Command): void {
  for (const command of parent.commands) {
    addDeploymentOption(command);
    const own = command.options.find(({ long }) => long === "--env");
    // Those that call wrangler have it already. wrangler.toml has no name for production.
    own?.argParser(wranglerName);
    if (own || command.commands.length > 0 || BY_URL.has(command.name())) continue;
    command
      .option("--env <name>", "the deployment that npm run setup made: production or staging")
      .hook("preAction", async () => {
        const { env } = command.opts<{ readonly env?: string }>();
        if (env !== undefined) await choose(env);
      });
  }
}

const wranglerName = (name: string): string | undefined => (name === "production" ? undefined : name);

/** Makes the stored variables of a deployment those of this process, and says which deployment it is. */
async function choose(name: string): Promise<void> {
  if (name === "") throw new Error("--env needs a name: production or staging.");
  const env = wranglerName(name);
  const [settingsFile, keyFile] = [privateFile(env, ""), keyFileOf(env)];
  const { databaseUrl, url } = (await readSettings(env)) ?? {};
  if (!databaseUrl || !url) throw new Error(lacks(settingsFile, "the URLs of the deployment and its database", env));
  const keys = await readKeys(keyFile);
  if (!keys?.SERVER_KEY) throw new Error(lacks(keyFile, "the deployment's keys", env));
  const { SERVER_KEY, VAULT_KEY, VAULT_KEY_PREVIOUS } = keys;
  take({ DATABASE_URL: databaseUrl, ISSUER: url }, settingsFile);
  take({ SERVER_KEY, VAULT_KEY, VAULT_KEY_PREVIOUS }, keyFile);
  console.error(`Acting on ${name}: ${hostOf(url)}, with the database at ${hostOf(databaseUrl)}.`);
}

const lacks = (file: string, what: string, env: string | undefined): string =>
  `${file} doesn't have ${what}. Run \`npm run setup${env ? ` -- --env ${env}` : ""}\` on this machine first, or set DATABASE_URL instead of --env.`;

/** A shell that still has another deployment's variables must not decide which one a command changes. */
function take(stored: Readonly<Record<string, string | undefined>>, file: string): void {
  for (const [name, value] of Object.entries(stored)) {
    const typed = process.env[name];
    if (typed && typed !== value)
      throw new Error(`${name} in the environment isn't the one in ${file}. Unset it, or leave out --env.`);
    if (value) process.env[name] = value;
  }
}

/** Only the host: the rest of a database's URL has its password. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "an address that isn't a URL");
