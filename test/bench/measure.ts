import type { Child } from "./child.ts";
import { cpuOfFamily, cpuOfProcess } from "./cpu.ts";
import { fire, percentile, type Work } from "./load.ts";
import type { StandIns } from "./stand-ins/process.ts";

/** The latency that is added to each storage hop, in milliseconds. */
export const LATENCIES = [0, 5, 20] as const;

export type Size = {
  readonly warmUp: number;
  readonly latency: number;
  readonly throughput: number;
  readonly connections: number;
};

export type Latency = { readonly added: number; readonly p50: number; readonly p95: number; readonly p99: number };

export type Measurement = {
  /** The storage hops of one request. */
  readonly hops: number;
  /** How many of them are sequential, so that each added millisecond counts that often. */
  readonly criticalPath: number;
  readonly latency: readonly Latency[];
  readonly requestsPerSecond: number;
  /** Milliseconds of CPU time a request, at full load. */
  readonly cpu: { readonly server: number; readonly postgres: number; readonly standIns: number };
};

export type Target = { readonly origin: string; readonly pid: number };

/** Measures one operation of one server: alone with each latency, then with many connections and no latency. */
export async function measure(
  standIns: Child<StandIns>,
  { origin, pid }: Target,
  size: Size,
  work: Work,
): Promise<Measurement> {
  const { postgresPid, redisPid } = await standIns.ask("describe");
  await standIns.ask("begin", 0);
  // Warms up over as many connections as later, since the database plans its functions on each of them when it first
  // calls them.
  await fire({ origin, connections: Math.min(size.connections, size.warmUp), amount: size.warmUp }, work);
  const latency: Latency[] = [];
  // Other programs on the machine can only make times longer.
  const fastest: number[] = [];
  let hops = 0;
  for (const added of LATENCIES) {
    await standIns.ask("begin", added);
    const { times } = await fire({ origin, connections: 1, amount: size.latency }, work);
    fastest.push(times[0] ?? 0);
    hops = (await standIns.ask("countHops")) / size.latency;
    latency.push({ added, p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99) });
  }
  await standIns.ask("begin", 0);
  const cpu = () => ({
    server: cpuOfProcess(pid),
    postgres: cpuOfFamily(postgresPid),
    standIns: cpuOfProcess(standIns.pid) + (redisPid === null ? 0 : cpuOfProcess(redisPid)),
  });
  const before = cpu();
  const { seconds } = await fire({ origin, connections: size.connections, amount: size.throughput }, work);
  const after = cpu();
  const aRequest = (name: keyof typeof before) => (after[name] - before[name]) / size.throughput;
  return {
    hops,
    criticalPath: Math.round(((fastest.at(-1) ?? 0) - (fastest[0] ?? 0)) / (SLOWEST + TIMER_SLACK)),
    latency,
    requestsPerSecond: size.throughput / seconds,
    cpu: { server: aRequest("server"), postgres: aRequest("postgres"), standIns: aRequest("standIns") },
  };
}

const SLOWEST = LATENCIES[LATENCIES.length - 1] ?? 0;
/** A timer of Node fires up to a millisecond late. */
const TIMER_SLACK = 0.6;

/** How many requests `measure` makes, so that enough can be prepared. */
export const amountOf = ({ warmUp, latency, throughput }: Size): number =>
  warmUp + LATENCIES.length * latency + throughput;
