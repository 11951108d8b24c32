import type { RunningWorkers, WorkerLog } from "../../src/dev/miniflare.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { type Outbound, projectFile, startWorkers } from "../../src/dev/workerd.ts";

/** What the file that has a Worker does with what it writes and fetches. */
type Borrower = { readonly onLog: (log: WorkerLog) => void; readonly outbound: Outbound | undefined };

type LentWorker = {
  readonly port: number;
  readonly scheduled: () => Promise<void>;
  readonly setEnvironment: (bindings: Readonly<Record<string, string>>) => Promise<void>;
  readonly giveBack: () => void;
};

type Kept = { readonly port: number; readonly workers: RunningWorkers; borrower: Borrower };

/** The Workers that no file has at the moment. Those in front of the internet send each fetch through this process. */
const idle: Record<"bare" | "intercepted", Kept[]> = { bare: [], intercepted: [] };

/** Lends a running Worker, or a new one if all are lent. Starting workerd costs more than most tests. */
export async function borrowWorker(borrower: Borrower): Promise<LentWorker> {
  const shelf = idle[borrower.outbound ? "intercepted" : "bare"];
  const kept = shelf.pop() ?? (await start(borrower));
  kept.borrower = borrower;
  const post = async (path: string, body: string) => {
    const response = await fetch(`http://localhost:${kept.port}${path}`, { method: "POST", body });
    if (response.status !== 204) throw new Error(`the Worker answered ${response.status} to ${path}`);
  };
  return {
    port: kept.port,
    scheduled: () => kept.workers.scheduled("gatehouse"),
    setEnvironment: async (bindings) => {
      await post("/__environment", JSON.stringify(bindings));
      await post("/__clock", "0");
    },
    giveBack: () => void shelf.push(kept),
  };
}

async function start(borrower: Borrower, tries = 3): Promise<Kept> {
  // The resource that Gatehouse knows has the port above it, where nothing listens.
  const port = await findFreePort(2);
  const kept: { borrower: Borrower } = { borrower };
  const spec = {
    name: "gatehouse",
    configPath: projectFile("wrangler.toml"),
    entry: projectFile("test/support/lent-worker.ts"),
    port,
    bindings: {},
    ...(borrower.outbound
      ? { outbound: async (request: Request) => (await kept.borrower.outbound?.(request)) ?? null }
      : {}),
  };
  try {
    const workers = await startWorkers([spec], (log) => kept.borrower.onLog(log));
    return Object.assign(kept, { port, workers });
  } catch (error) {
    // Another test may take the free ports before they are used.
    if (tries === 1 || (error as { code?: string }).code !== "ERR_ADDRESS_IN_USE") throw error;
    return start(borrower, tries - 1);
  }
}
