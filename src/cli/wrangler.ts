import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type WranglerRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

type RunOptions = {
  /** What it reads: others on this machine can see arguments, and nobody sees this. */
  readonly stdin?: string;
  /** Whether what it says is shown as it says it, besides being returned. */
  readonly show?: boolean;
};

/** Runs the project's own wrangler, which npm puts on the PATH of its scripts. */
export const runWrangler = (args: readonly string[], { stdin, show }: RunOptions = {}): Promise<WranglerRun> =>
  new Promise((resolve, reject) => {
    const wrangler = spawn("wrangler", args, { stdio: ["pipe", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      wrangler[stream].setEncoding("utf8").on("data", (text: string) => {
        said[stream] += text;
        if (show) process.stderr.write(text);
      });
    }
    wrangler.once("error", () => reject(new Error("wrangler can't be started; run this by `npm run`.")));
    wrangler.once("close", (code) => resolve({ code: code ?? 1, ...said }));
    // Where wrangler ends before it has read all, its exit code says so.
    wrangler.stdin.on("error", () => {});
    wrangler.stdin.end(stdin ?? "");
  });

/** Which Worker of wrangler.toml: production, or one of its `[env]`. */
export function environmentFlag(env: string | undefined): string {
  refuseUnknown(env);
  return `--env=${env ?? ""}`;
}

/** wrangler would only warn of an environment that isn't there, and make a Worker of that name. */
export function refuseUnknown(env: string | undefined): void {
  if (env && !WRANGLER_TOML.includes(`[env.${env}]`)) throw new Error(`wrangler.toml has no [env.${env}].`);
}

const WRANGLER_TOML = readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8");

/** Sets secrets of the Worker in one call, so that it never has some of them alone. */
export async function putSecrets(secrets: Readonly<Record<string, string>>, env: string | undefined): Promise<void> {
  const { code, stderr } = await runWrangler(["secret", "bulk", environmentFlag(env)], {
    stdin: JSON.stringify(secrets),
  });
  if (code !== 0)
    throw new Error(`wrangler failed (${code}). ${withoutSecrets(stderr, Object.values(secrets))}`.trim());
}

/** The names of the Worker's secrets; null if there is no such Worker yet. */
export async function listSecrets(env: string | undefined): Promise<readonly string[] | null> {
  const { code, stdout, stderr } = await runWrangler(["secret", "list", environmentFlag(env)]);
  if (code === 0) return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  // Anything else would be taken for a Worker without keys, and be given new ones.
  if (/Worker .* not found/.test(stdout + stderr)) return null;
  throw new Error(`wrangler could not list the Worker's secrets (${code}). ${stderr.trim()}`);
}

/** What is wrong with the account that wrangler works for, or null. */
export async function findAccountProblem(): Promise<string | null> {
  const { stdout } = await runWrangler(["whoami", "--json"]);
  const said = /\{[\s\S]*\}/.exec(stdout)?.[0] ?? "{}";
  return (JSON.parse(said) as { loggedIn?: boolean }).loggedIn === true
    ? null
    : "Nobody is signed in to Cloudflare here. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.";
}

/** What the Worker is called: the name in wrangler.toml, with the environment behind it as wrangler adds it. */
export function workerName(env: string | undefined): string {
  const name = /^name = "([\w-]+)"/m.exec(WRANGLER_TOML)?.[1] ?? "gatehouse";
  return env ? `${name}-${env}` : name;
}

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
