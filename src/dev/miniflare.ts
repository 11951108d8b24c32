import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { listChildren, reapAtEnd } from "./reaper.ts";

export type WorkerLog = { readonly level: string; readonly message: string };

export type RunningWorkers = {
  readonly scheduled: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A bundled Worker in the form of Miniflare 4, whose names are those of wrangler.toml. */
type BundledWorkers = Extract<
  Parameters<typeof convertV4MiniflareOptions>[0],
  { readonly workers: unknown }
>["workers"];

export const asModule = (contents: string) => [{ type: "ESModule" as const, path: "worker.js", contents }];

/** Runs Workers in workerd until they are stopped, or this process is gone. */
export async function runWorkers(workers: BundledWorkers, onLog: (log: WorkerLog) => void): Promise<RunningWorkers> {
  const signalHandlers = keepSignalHandlers();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers,
      logRequests: false,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ level, message }) => onLog({ level, message }),
    }),
  );
  await miniflare.ready.catch(async (error: unknown) => {
    await miniflare.dispose();
    throw error;
  });
  signalHandlers.restore();
  for (const pid of await listChildren("workerd")) reapAtEnd(pid);
  return {
    scheduled: async (name) => {
      const worker = await miniflare.getWorker(name);
      await worker.scheduled({});
    },
    stop: () => miniflare.dispose(),
  };
}

/** Removes Miniflare's signal handlers, since they exit the process before anybody else has cleaned up. */
function keepSignalHandlers() {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  return {
    restore: () => {
      for (const [signal, kept] of before) {
        for (const handler of process.listeners(signal)) if (!kept.includes(handler)) process.off(signal, handler);
      }
    },
  };
}
