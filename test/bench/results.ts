import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { promisify } from "node:util";
import type { Child } from "./child.ts";
import type { Growth } from "./growth.ts";
import type { Measurement, Size } from "./measure.ts";
import type { Operation } from "./operations.ts";
import type { RaceResults } from "./races.ts";
import type { StandIns } from "./stand-ins/process.ts";
import type { StartUp } from "./start-up.ts";

/** Everything that one run measured. */
export type Results = {
  readonly date: string;
  readonly commit: string;
  readonly machine: { readonly cores: number; readonly cpu: string };
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Load averages of the last 1, 5 and 15 minutes. If they are much more than the number of cores, times mean little.
   */
  readonly load: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly size: Size;
  /** A Worker with one query, and one with a query and a Redis command beside it. */
  readonly floor: { readonly query: Measurement; readonly both: Measurement };
  readonly contestants: readonly {
    readonly name: string;
    readonly version: string;
    readonly operations: Partial<Readonly<Record<Operation, Measurement>>>;
    readonly races: RaceResults;
  }[];
  readonly startUp: StartUp;
  readonly alone: Readonly<Record<string, Measurement>>;
  readonly growth: readonly Growth[];
};

/** When, where and with which versions. */
export async function describeRun(
  standIns: Child<StandIns>,
): Promise<Pick<Results, "date" | "commit" | "machine" | "versions">> {
  const { postgresVersion } = await standIns.ask("describe");
  const workerd = createRequire(import.meta.url)("workerd/package.json") as { version: string };
  const git = await promisify(execFile)("git", ["describe", "--always", "--dirty"], { cwd: import.meta.dirname }).catch(
    () => ({ stdout: "" }),
  );
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: git.stdout.trim(),
    machine: { cores: cpus().length, cpu: cpus()[0]?.model ?? "" },
    versions: { node: process.versions.node, workerd: workerd.version, postgres: postgresVersion },
  };
}
