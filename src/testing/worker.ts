import { asModule, type RunningWorkers, runWorkers } from "../dev/miniflare.ts";

/** The parts of the Worker that the package contains: the deployed bundle, and what `wrangler.toml` says about it. */
export type PackedWorker = {
  readonly module: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
};

/** Runs the Worker in workerd, as Cloudflare does. */
export const startWorker = (
  { module, compatibilityDate, compatibilityFlags }: PackedWorker,
  port: number,
  bindings: Readonly<Record<string, string>>,
  onLog: (line: string) => void,
): Promise<RunningWorkers> =>
  runWorkers(
    [
      {
        name: "gatehouse",
        modules: asModule(module),
        compatibilityDate,
        compatibilityFlags: [...compatibilityFlags],
        bindings: { ...bindings },
        unsafeDirectSockets: [{ host: "127.0.0.1", port }],
      },
    ],
    ({ message }) => onLog(message),
  );
