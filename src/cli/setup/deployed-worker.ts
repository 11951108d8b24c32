import { setTimeout as sleep } from "node:timers/promises";
import { VERSION } from "../../lib/version.ts";
import { SCHEMA } from "../../store/health.ts";
import { runWrangler } from "../wrangler.ts";

/** Deploys with wrangler, and checks that the deployment is at the address that it names. */
export async function deployWorker(args: readonly string[], url: string | null): Promise<void> {
  const { code, stdout } = await runWrangler(args, { show: true });
  if (code !== 0) throw new Error(`wrangler could not deploy (${code}). The previous version still runs.`);
  const [address] = /https:\/\/[\w.-]+\.workers\.dev/.exec(stdout) ?? [];
  if (url?.endsWith(".workers.dev") && address && address !== url)
    throw new Error(
      `The Worker is at ${address}, and was configured for ${url}. Run \`npm run setup -- --url ${address}\`.`,
    );
}

type Health = {
  readonly status?: string;
  readonly version?: string;
  readonly schema?: string;
  readonly detail?: string;
  readonly error_description?: string;
  readonly redis?: string;
};

const PAUSE_MS = 2000;

/** Polls `/health` until it says that this version serves on this schema. */
export async function expectHealth(url: string, seconds: number): Promise<string> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const [health, trouble] = await readHealth(url);
    if (health?.status === "ok" && health.version === VERSION && health.schema === SCHEMA) {
      return `${url} serves version ${VERSION} on schema ${SCHEMA}${health.redis === "ok" ? "" : ", but it can't reach Redis"}.`;
    }
    if (Date.now() + PAUSE_MS > until)
      throw new Error(
        `wrangler has deployed, but ${url}/health ${trouble}. A new domain may take some minutes. \`npm run deploy\` checks again.`,
      );
    await sleep(PAUSE_MS);
  }
}

async function readHealth(url: string): Promise<readonly [Health | null, string]> {
  const answer = await fetch(`${url}/health`, { redirect: "manual", signal: AbortSignal.timeout(10_000) }).catch(
    () => null,
  );
  if (!answer) return [null, "doesn't answer"];
  const health = (await answer.json().catch(() => null)) as Health | null;
  if (!health) return [null, `answers ${answer.status}, which isn't what Gatehouse answers`];
  const detail = health.detail ?? health.error_description;
  if (detail) return [health, `says: ${detail}`];
  return [
    health,
    `reports version ${health.version} and schema ${health.schema}, but ${VERSION} and ${SCHEMA} were deployed`,
  ];
}
