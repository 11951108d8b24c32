import journal from "../../../drizzle/meta/_journal.json" with { type: "json" };
import { type Env, readConfig } from "../../config.ts";
import { VERSION } from "../../lib/version.ts";
import { createDatabase } from "../../store/database.ts";
import { findDatabaseState } from "../../store/health.ts";
import { type KeptKeys, keyFileOf, newKey, readKeys } from "../kept-keys.ts";
import { listSecrets, workerName } from "../wrangler.ts";
import { type Answers, answeredSecrets, variablesOf } from "./answers.ts";

/** What a deployment will do, before anything is done. */
export type Plan = {
  readonly answers: Answers;
  /** What this version needs and the database lacks, by name. */
  readonly migrations: readonly string[];
  readonly functions: readonly string[];
  /** All keys, and whether this machine still has to store them. */
  readonly keys: KeptKeys;
  readonly keysAreNew: boolean;
  /** The secrets that the Worker gets. */
  readonly secrets: Readonly<Record<string, string>>;
};

export async function planDeployment(
  answers: Answers,
  kept: Partial<Answers> | null,
  env: string | undefined,
): Promise<Plan> {
  const there = await listSecrets(env);
  const known = await readKeys(keyFileOf(env));
  const keys = completeKeys(known, there);
  const wanted = { ...answeredSecrets(answers), ...secretKeys(keys) };
  refuseUnsound({ ...variablesOf(answers), ...wanted });
  const before = kept ? answeredSecrets(kept as Answers) : {};
  const { missing } = await findDatabaseState(createDatabase(answers.databaseUrl));
  const isMigration = (name: string) => journal.entries.some(({ tag }) => tag === name);
  return {
    answers,
    migrations: missing.filter(isMigration),
    functions: missing.filter((name) => !isMigration(name)),
    keys,
    keysAreNew: JSON.stringify(keys) !== JSON.stringify(known),
    secrets: Object.fromEntries(
      Object.entries(wanted).filter(
        // A key that the Worker has stays. Replacing it would invalidate what people have open, or make the vault
        // unreadable.
        ([name, value]) => !there?.includes(name) || (!name.includes("_KEY") && before[name] !== value),
      ),
    ),
  };
}

/** The stored keys, and new ones for those that neither this machine nor the Worker has. */
function completeKeys(known: KeptKeys | null, there: readonly string[] | null): KeptKeys {
  const present = process.env["SERVER_KEY"];
  if (there?.includes("SERVER_KEY") && !known && !present)
    throw new Error(
      "The Worker has a SERVER_KEY that this machine doesn't know, and Cloudflare shows it to nobody. Put it into the variable SERVER_KEY. If it is lost, `npx wrangler secret delete SERVER_KEY` makes room for a new one. People who are just signing in will have to start again.",
    );
  const vault = known?.VAULT_KEY ?? (there?.includes("VAULT_KEY") ? null : newKey());
  return { SERVER_KEY: present || newKey(), ...known, ...(vault ? { VAULT_KEY: vault } : {}) };
}

const secretKeys = ({ rotatedAt: _, ...keys }: KeptKeys): Readonly<Record<string, string>> => keys;

function refuseUnsound(env: Env): void {
  const config = readConfig(env);
  if ("problems" in config) throw new Error(`The Worker would refuse this: ${config.problems.join("; ")}.`);
}

/** The plan as text for people, without secrets. */
export function describePlan(plan: Plan, env: string | undefined): string {
  const { answers, migrations, functions, secrets, keysAreNew } = plan;
  const database = new URL(answers.databaseUrl);
  const counts = [
    migrations.length > 0 && `${migrations.length} migrations (to ${migrations.at(-1)})`,
    functions.length > 0 && `${functions.length} functions`,
  ].filter((count) => count !== false);
  const names = Object.keys(secrets);
  const lines = [
    ["Worker", `${workerName(env)}, version ${VERSION}, at ${answers.url}`],
    [
      "Database",
      `${database.host}${database.pathname}: ${counts.length > 0 ? `gets ${counts.join(" and ")}` : "is up to date"}`,
    ],
    ["Redis", new URL(answers.redisUrl).host],
    ["Keys", `${keysAreNew ? "are made, and stored in" : "stay, and are in"} ${keyFileOf(env)}`],
    ["Secrets", names.length > 0 ? `${names.join(", ")} are set` : "stay as they are"],
    [
      "Variables",
      Object.entries(variablesOf(answers))
        .map((pair) => pair.join("="))
        .join(", "),
    ],
  ];
  return lines.map(([title = "", text]) => `${title.padEnd(10)} ${text}`).join("\n");
}
