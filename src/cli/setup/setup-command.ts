import { confirm, intro, isCancel, text } from "@clack/prompts";
import { readResourceUri } from "../../flows/admin/resources.ts";
import { keepKeys, keyFileOf } from "../kept-keys.ts";
import { migrate } from "../migrate.ts";
import { type OutputOptions, print } from "../output.ts";
import { findAccountProblem, putSecrets } from "../wrangler.ts";
import { deployArgs, keepSettings, readSettings } from "./answers.ts";
import { collectAnswers } from "./ask.ts";
import { deployWorker, expectHealth } from "./deployed-worker.ts";
import { type FirstServer, handOver } from "./hand-over.ts";
import { describePlan, type Plan, planDeployment } from "./plan.ts";
import { readVariables } from "./variables.ts";

export type SetupOptions = OutputOptions & {
  readonly url?: string;
  readonly redisUrl?: string;
  readonly origins?: string;
  readonly secretsFile?: string;
  readonly resource?: string;
  readonly resourceName?: string;
  readonly env?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: number;
};

/** `setup`: from nothing to a running deployment. Run again, it only changes what differs. */
export async function setupCommand(options: SetupOptions): Promise<void> {
  const { env } = options;
  const isTalk = process.stdin.isTTY && options.secretsFile !== "-";
  if (isTalk) intro("Gatehouse");
  const problem = await findAccountProblem();
  if (problem) throw new Error(problem);
  const kept = await readSettings(env);
  const { url = "", redisUrl = "", origins = "" } = options;
  const flags = { url, redisUrl, origins };
  const answers = await collectAnswers({ env, flags, kept, variables: await readVariables(options.secretsFile) });
  const server = await chooseServer(options, isTalk && !kept);
  const plan = await planDeployment(answers, kept, env);
  const described = describePlan(plan, env) + (server ? `\nServer     ${server.uri} is protected` : "");
  if (options.dryRun) return print(options, summaryOf(plan), `${described}\n\nNothing was changed (--dry-run).`);
  console.error(`\n${described}\n`);
  if (isTalk && !options.yes && (await confirm({ message: "Continue?" })) !== true)
    throw new Error("Nothing was changed.");
  await carryOut(plan, env);
  const trouble = await expectHealth(answers.url, options.wait).then(console.error, (error: Error) => error);
  const handed = await handOver(answers, plan.keys, server);
  print(options, handed.value, handed.text);
  // A new domain needs some time. What is shown once has been shown before.
  if (trouble) throw trouble;
}

const summaryOf = ({ answers, migrations, functions, keysAreNew, secrets }: Plan) => ({
  url: answers.url,
  ...{ migrations, functions, keysAreNew, secrets: Object.keys(secrets) },
});

/** In this order, a failure leaves the least behind: a new key is stored before anything else has it. */
async function carryOut({ answers, keys, keysAreNew, secrets }: Plan, env: string | undefined): Promise<void> {
  if (keysAreNew) await keepKeys(keyFileOf(env), keys);
  const applied = await migrate(answers.databaseUrl);
  console.error(applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
  if (Object.keys(secrets).length > 0) await putSecrets(secrets, env);
  // Stored only now, since stored answers count as what the Worker has.
  await keepSettings(env, answers);
  await deployWorker(deployArgs(answers, env), answers.url);
}

/** The first MCP server to protect. Null for none yet. */
async function chooseServer(
  { resource, resourceName = "" }: SetupOptions,
  mayAsk: boolean,
): Promise<FirstServer | null> {
  const typed = resource ?? (mayAsk ? await askServer() : "");
  if (typed.trim() === "") return null;
  const uri = readResourceUri(typed.trim());
  if (typeof uri !== "string") throw new Error(`--resource: ${uri.problem}`);
  return { uri, name: resourceName };
}

async function askServer(): Promise<string> {
  const typed = await text({
    message: "The URL of the first MCP server to protect. Leave it empty to add one later",
    placeholder: "https://weather.example.com/mcp",
    defaultValue: "",
    validate: (uri) => {
      const read = uri?.trim() ? readResourceUri(uri.trim()) : "";
      return typeof read === "string" ? undefined : read.problem;
    },
  });
  if (isCancel(typed)) throw new Error("Nothing was changed.");
  return typed;
}
