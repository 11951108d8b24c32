import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type OutputOptions, print } from "./output.ts";

type RotateOptions = OutputOptions & { readonly keyFile?: string; readonly env?: string };

type KeptKeys = { readonly SERVER_KEY: string; readonly SERVER_KEY_PREVIOUS?: string };

/**
 * `keys rotate`: a new SERVER_KEY, with the one before as SERVER_KEY_PREVIOUS. Both reach the Worker in one call, so that it never
 * has the new key alone, which would sign everybody out. They go by standard input, since others on this machine can read arguments.
 */
export async function rotateKeysCommand({ keyFile, env, ...output }: RotateOptions): Promise<void> {
  const file = keyFile ?? join(homedir(), ".config/gatehouse", `${env ?? "production"}-keys.json`);
  const kept = await readKept(file);
  const previous = process.env["SERVER_KEY"] || kept?.SERVER_KEY;
  if (!previous) throw new Error(`Put the present key into the variable SERVER_KEY; ${file} doesn't have it.`);
  const keys: KeptKeys = { SERVER_KEY: randomBytes(32).toString("base64"), SERVER_KEY_PREVIOUS: previous };
  // Kept first: Cloudflare shows a secret to nobody, and the next rotation needs this one.
  await keep(file, keys);
  try {
    await putSecrets(keys, env);
  } catch (error) {
    // Which keys the Worker has now is unknown only if the call was cut off; what was kept before is what it had.
    await keep(file, {
      SERVER_KEY: previous,
      ...(kept?.SERVER_KEY_PREVIOUS ? { SERVER_KEY_PREVIOUS: kept.SERVER_KEY_PREVIOUS } : {}),
    });
    throw error;
  }
  print(
    output,
    { keyFile: file },
    `The Worker has a new SERVER_KEY; the one before is good beside it, until the next rotation. Both are kept in ${file}.`,
  );
}

async function readKept(file: string): Promise<KeptKeys | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as KeptKeys);
}

async function keep(file: string, keys: KeptKeys): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Sets secrets of the Worker in one call. */
const putSecrets = (secrets: object, env: string | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const args = ["secret", "bulk", ...(env ? ["--env", env] : [])];
    const wrangler = spawn("wrangler", args, { stdio: ["pipe", "ignore", "inherit"] });
    wrangler.once("error", () =>
      reject(new Error("wrangler can't be started; run this as `npm run cli -- keys rotate`.")),
    );
    wrangler.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`wrangler failed (${code}); the Worker's keys are what they were.`)),
    );
    // Where wrangler ends before it has read all, its exit code says so.
    wrangler.stdin.on("error", () => {});
    wrangler.stdin.end(JSON.stringify(secrets));
  });
