import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

type WranglerRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

type RunOptions = {
  /** Its standard input, which nobody else sees. Arguments can be seen by others on this machine. */
  readonly stdin?: string;
  /** Whether its output is shown as it comes, besides being returned. */
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
    wrangler.once("error", () => reject(new Error("wrangler can't be started. Run this with `npm run`.")));
    wrangler.once("close", (code) => resolve({ code: code ?? 1, ...said }));
    // If wrangler ends before it has read everything, its exit code says why.
    wrangler.stdin.on("error", () => {});
    wrangler.stdin.end(stdin ?? "");
  });

/** The Worker in wrangler.toml: production, or one of its `[env]`. */
export function environmentFlag(env: string | undefined): string {
  refuseUnknown(env);
  return `--env=${env ?? ""}`;
}

/** wrangler would only warn about a missing environment, and make a Worker with that name. */
export function refuseUnknown(env: string | undefined): void {
  if (env && !WRANGLER_TOML.includes(`[env.${env}]`)) throw new Error(`wrangler.toml has no [env.${env}].`);
}

const WRANGLER_TOML = readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8");

/** Sets secrets of the Worker in one call, so that it never has only some of them. */
export async function putSecrets(secrets: Readonly<Record<string, string>>, env: string | undefined): Promise<void> {
  const { code, stderr } = await runWrangler(["secret", "bulk", environmentFlag(env)], {
    stdin: JSON.stringify(secrets),
  });
  if (code !== 0)
    throw new Error(`wrangler failed (${code}). ${withoutSecrets(stderr, Object.values(secrets))}`.trim());
}

/** The names of the Worker's secrets. Null if there is no such Worker yet. */
export async function listSecrets(env: string | undefined): Promise<readonly string[] | null> {
  const { code, stdout, stderr } = await runWrangler(["secret", "list", environmentFlag(env)]);
  if (code === 0) return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  // Any other error must not look like a Worker without keys, which would get new ones.
  if (/Worker .* not found/.test(stdout + stderr)) return null;
  throw new Error(`wrangler could not list the Worker's secrets (${code}). ${stderr.trim()}`);
}

/** What is wrong with the account that wrangler uses, or null. */
export async function findAccountProblem(): Promise<string | null> {
  const { stdout } = await runWrangler(["whoami", "--json"]);
  const said = /\{[\s\S]*\}/.exec(stdout)?.[0] ?? "{}";
  return (JSON.parse(said) as { loggedIn?: boolean }).loggedIn === true
    ? null
    : "Nobody is signed in to Cloudflare here. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.";
}

/** The Worker's name: the one in wrangler.toml, followed by the environment as wrangler does it. */
export function workerName(env: string | undefined): string {
  const name = /^name = "([\w-]+)"/m.exec(WRANGLER_TOML)?.[1] ?? "gatehouse";
  return env ? `${name}-${env}` : name;
}

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
