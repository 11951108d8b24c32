import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startChild } from "./child.ts";
import { startBetterAuth } from "./contestants/better-auth.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { type Gatehouse, startGatehouse } from "./contestants/gatehouse.ts";
import { ALONE } from "./contestants/gatehouse-alone.ts";
import { startOidcProvider } from "./contestants/oidc-provider.ts";
import { startWorkersOauthProvider } from "./contestants/workers-oauth-provider.ts";
import { grow } from "./growth.ts";
import { amountOf, type Measurement, measure, type Size } from "./measure.ts";
import { OPERATIONS, type Operation, prepare } from "./operations.ts";
import { race } from "./races.ts";
import { writeReadme } from "./readme.ts";
import { toMarkdown } from "./report.ts";
import { describeRun, type Results } from "./results.ts";
import type { StandIns } from "./stand-ins/process.ts";
import { measureStartUp } from "./start-up.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    /** Fills up to 5·10⁶ tokens too, which takes some minutes. */
    large: { type: "boolean", default: false },
    /** Puts the results into README.md, with their charts. */
    write: { type: "boolean", default: false },
  },
});

const sizes: Readonly<Record<"quick" | "full", Size>> = {
  quick: { warmUp: 32, latency: 5, throughput: 96, connections: 16 },
  full: { warmUp: 100, latency: 30, throughput: 600, connections: 16 },
};
const size = options.quick ? sizes.quick : sizes.full;
const measured: readonly Operation[] = options.quick ? ["exchange", "refresh", "verify"] : OPERATIONS;
const tell = (line: string) => process.stderr.write(`${line}\n`);

async function measureAll(contestant: Contestant): Promise<Partial<Record<Operation, Measurement>>> {
  const results: Partial<Record<Operation, Measurement>> = {};
  for (const operation of measured) {
    const work = await prepare(contestant, operation, amountOf(size));
    if (!work) continue;
    results[operation] = await measure(standIns, contestant, size, work);
    tell(`  ${operation}: ${results[operation].requestsPerSecond.toFixed(0)}/s`);
  }
  return results;
}

async function measureFloor({ floor, pid }: Gatehouse): Promise<Results["floor"]> {
  const at = (path: string) => measure(standIns, { ...floor, pid }, size, { next: () => ({ method: "GET", path }) });
  return { query: await at("/"), both: await at("/both") };
}

async function measureAlone(gatehouse: Gatehouse): Promise<Results["alone"]> {
  const results: Record<string, Measurement> = {};
  // A hash keeps the Worker's one thread busy for so long that Redis seems to answer the rest too late.
  const few = { warmUp: 4, latency: size.latency / 5, throughput: size.throughput / 20, connections: 2 };
  for (const [name, start] of Object.entries(ALONE))
    results[name] = await measure(standIns, gatehouse, name.includes("password") ? few : size, await start(gatehouse));
  return results;
}

const loadBefore = loadavg();
const standIns = await startChild<StandIns>(join(import.meta.dirname, "stand-ins/process.ts"));
const run = await describeRun(standIns);
const contestants: Results["contestants"][number][] = [];
const rounds = options.quick ? 2 : 20;

tell("start-up");
const startUp = await measureStartUp(options.quick ? 8 : 20);

tell("Gatehouse");
const gatehouse = await startGatehouse(standIns);
const floor = await measureFloor(gatehouse);
const { name, version } = gatehouse;
contestants.push({
  name,
  version,
  operations: await measureAll(gatehouse),
  races: await race(standIns, gatehouse, rounds),
});
const alone = options.quick ? {} : await measureAlone(gatehouse);

for (const start of [startWorkersOauthProvider, startOidcProvider, startBetterAuth]) {
  const contestant = await start(standIns);
  tell(contestant.name);
  const operations = await measureAll(contestant);
  contestants.push({
    name: contestant.name,
    version: contestant.version,
    operations,
    races: await race(standIns, contestant, rounds),
  });
  await contestant.stop();
}

tell("growth");
const growth = options.quick ? [] : await grow(standIns, gatehouse, [1e4, 1e6, ...(options.large ? [5e6] : [])], 30);
await gatehouse.stop();
await standIns.stop();

const results: Results = {
  ...run,
  load: { before: loadBefore, after: loadavg() },
  size,
  floor,
  startUp,
  contestants,
  alone,
  growth,
};
if (options.write) await writeReadme(results);
process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : toMarkdown(results));
