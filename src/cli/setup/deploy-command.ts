import { migrate } from "../migrate.ts";
import { type OutputOptions, print } from "../output.ts";
import { environmentFlag, listSecrets } from "../wrangler.ts";
import { deployArgs, readSettings } from "./answers.ts";
import { collectAnswers } from "./ask.ts";
import { deployWorker, expectHealth } from "./deployed-worker.ts";
import { planDeployment } from "./plan.ts";

type DeployOptions = OutputOptions & { readonly env?: string; readonly wait: number };

/** `deploy`: checks, migrates, deploys, and checks what it deployed. */
export async function deployCommand({ env, wait, ...output }: DeployOptions): Promise<void> {
  if (process.env["WORKERS_CI"] && !process.env["DATABASE_URL"]) return deployFromForm(env);
  const kept = await readSettings(env);
  const answers = await collectAnswers({ env, flags: {}, variables: process.env, kept });
  const { secrets } = await planDeployment(answers, answers, env);
  const lacking = Object.keys(secrets).filter((name) => name !== "VAULT_KEY");
  if (lacking.length > 0) throw new Error(`The Worker lacks ${lacking.join(", ")}. Run \`npm run setup\` first.`);
  // Migrates first: the old Worker works on the new schema, but the new one doesn't work on the old.
  const applied = await migrate(answers.databaseUrl);
  console.error(applied === 0 ? "The database is up to date." : `Applied ${applied} migration(s).`);
  await deployWorker(deployArgs(answers, env), answers.url);
  const said = await expectHealth(answers.url, wait);
  print(output, { url: answers.url, applied }, said);
}

/** Cloudflare's own build, after the deploy button, has the Worker's code but none of its secrets. */
async function deployFromForm(env: string | undefined): Promise<void> {
  await deployWorker(["deploy", environmentFlag(env)], null);
  const there = await listSecrets(env).catch(() => null);
  console.log(
    `Deployed${there ? ` with ${there.length} secrets` : ""}. Now run this where you have the repository and the database's URL:
  DATABASE_URL=… npm run db:migrate
  DATABASE_URL=… npm run cli -- owner invite --issuer https://…`,
  );
}
