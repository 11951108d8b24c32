import { gzipSync } from "node:zlib";
import { asModule, runWorkers } from "../../src/dev/miniflare.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { percentile } from "./load.ts";
import { bundleWorker, config } from "./workerd.ts";

export type StartUp = {
  /** The deployed bundle. */
  readonly gzippedKib: number;
  /** Milliseconds until it is evaluated in a new isolate. */
  readonly p50: number;
  readonly fastest: number;
};

/** Loads the Worker at its first request, since the clock inside of one stands still. */
const LATE = 'export default { fetch: async () => new Response(Object.keys(await import("worker.js")).join(" ")) };';

/** Measures what a new isolate does before its first answer. */
export async function measureStartUp(isolates: number): Promise<StartUp> {
  const bundle = await bundleWorker(projectFile("src/worker.ts"), true);
  const first = await findFreePort(isolates);
  const ports = Array.from({ length: isolates }, (_, n) => first + n);
  const worker = {
    modules: [{ type: "ESModule" as const, path: "late.js", contents: LATE }, ...asModule(bundle)],
    compatibilityDate: config.compatibility_date ?? "",
    compatibilityFlags: config.compatibility_flags,
  };
  const running = await runWorkers(
    ports.map((port) => ({ ...worker, name: `w${port}`, unsafeDirectSockets: [{ host: "127.0.0.1", port }] })),
    () => {},
  );
  const ask = async (port: number): Promise<number> => {
    const started = performance.now();
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
    return performance.now() - started;
  };
  const times: number[] = [];
  // The second request shows what the way there and back takes.
  for (const port of ports) times.push((await ask(port)) - (await ask(port)));
  await running.stop();
  times.sort((a, b) => a - b);
  return { gzippedKib: gzipSync(bundle).length / 1024, p50: percentile(times, 0.5), fastest: times[0] ?? 0 };
}
