import type { Measurement } from "./measure.ts";
import type { Results } from "./results.ts";
import { figure, table } from "./table.ts";

/** Facts from the services' own pages, read on 2026-11-26. Prices in dollars a month. */
const PRICES = {
  workers: {
    freeRequestsADay: 100_000,
    base: 5,
    requests: 10e6,
    perRequest: 0.3 / 1e6,
    cpuMs: 30e6,
    perCpuMs: 0.02 / 1e6,
  },
  neon: {
    freeComputeHours: 100,
    freeGigabytes: 0.5,
    perComputeHour: 0.106,
    perGigabyte: 0.35,
    smallestCompute: 0.25,
    sleepAfterMinutes: 5,
  },
  upstash: { freeCommands: 500_000, perCommand: 0.2 / 100_000 },
} as const;

/**
 * What a connection does on a working day of a person whose client keeps it open: tool calls, each of which is
 * verified, and a refresh each hour. Once a month somebody connects again.
 */
const CONNECTION = { activeHoursADay: 8, activeDays: 22, callsAnHour: 30, connectsAMonth: 1 } as const;

/** According to the ratelimit library, a sliding window is one script with three commands in it. */
const COMMANDS_A_LIMIT = 4;
const LIMITS_A_TOKEN_REQUEST = 2;

/** The disk space of a connection that is refreshed in working hours for a year, with its audit events. */
const MEGABYTES_A_CONNECTION = 0.15;

const HOURS_A_MONTH = 730;
/** With so many connections, the database never has five minutes without a query. */
const NEVER_SLEEPS = 100;

type Demand = {
  readonly requests: number;
  readonly cpuMs: number;
  readonly postgresMs: number;
  readonly commands: number;
};

function demandOf({ contestants: [gatehouse] }: Results, connections: number): Demand {
  const of = (operation: "exchange" | "refresh" | "verify") => gatehouse?.operations[operation] as Measurement;
  const activeHours = connections * CONNECTION.activeHoursADay * CONNECTION.activeDays;
  const counts = {
    exchange: connections * CONNECTION.connectsAMonth,
    refresh: activeHours,
    verify: activeHours * CONNECTION.callsAnHour,
  };
  const sum = (cost: (measurement: Measurement) => number) =>
    (Object.keys(counts) as (keyof typeof counts)[]).reduce((total, name) => total + counts[name] * cost(of(name)), 0);
  return {
    requests: sum(() => 1),
    cpuMs: sum(({ cpu }) => cpu.server),
    postgresMs: sum(({ cpu }) => cpu.postgres),
    commands: (counts.exchange + counts.refresh) * LIMITS_A_TOKEN_REQUEST * COMMANDS_A_LIMIT,
  };
}

function costOf({ requests, cpuMs, postgresMs, commands }: Demand, connections: number) {
  const { workers, neon, upstash } = PRICES;
  const over = (used: number, included: number, price: number) => Math.max(0, used - included) * price;
  const gigabytes = (connections * MEGABYTES_A_CONNECTION) / 1000;
  const awakeHours = connections < NEVER_SLEEPS ? CONNECTION.activeHoursADay * CONNECTION.activeDays : HOURS_A_MONTH;
  // One unit of compute is one core, which should be no more than half busy.
  const computeHours = Math.max(awakeHours * neon.smallestCompute, (2 * postgresMs) / 3_600_000);
  const fits = {
    workers: requests / CONNECTION.activeDays <= workers.freeRequestsADay,
    neon: computeHours <= neon.freeComputeHours && gigabytes <= neon.freeGigabytes,
    upstash: commands <= upstash.freeCommands,
  };
  const paid = {
    workers:
      workers.base +
      over(requests, workers.requests, workers.perRequest) +
      over(cpuMs, workers.cpuMs, workers.perCpuMs),
    neon: computeHours * neon.perComputeHour + gigabytes * neon.perGigabyte,
    upstash: commands * upstash.perCommand,
  };
  const priceOf = (service: keyof typeof fits) => (fits[service] ? 0 : paid[service]);
  return {
    computeHours,
    gigabytes,
    workers: priceOf("workers"),
    neon: priceOf("neon"),
    upstash: priceOf("upstash"),
  };
}

/** What some numbers of connections need from the three services, and cost there. */
export function describeScale(results: Results): string {
  const rows = [10, 1e3, 1e5].map((connections) => {
    const demand = demandOf(results, connections);
    const cost = costOf(demand, connections);
    return [
      connections.toLocaleString("en"),
      `${figure(demand.requests / 1e6)} M`,
      figure(demand.requests / (CONNECTION.activeDays * CONNECTION.activeHoursADay * 3600)),
      `${figure(demand.commands / 1e6)} M`,
      `${figure(cost.computeHours)} CU h`,
      `${figure(cost.gigabytes)} GB`,
      `$${cost.workers.toFixed(0)} + $${cost.neon.toFixed(0)} + $${cost.upstash.toFixed(0)}`,
    ];
  });
  return table(
    [
      "connections",
      "requests a month",
      "a second, at work",
      "Redis commands",
      "database",
      "on disk",
      "Cloudflare + Neon + Upstash a month",
    ],
    rows,
  );
}
