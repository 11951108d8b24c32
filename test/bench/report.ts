import type { Measurement } from "./measure.ts";
import { OPERATIONS } from "./operations.ts";
import type { Results } from "./results.ts";
import { describeScale } from "./scale.ts";
import { figure, table, triple } from "./table.ts";

/** The results of a run, as the README and the terminal show them. */
export function toMarkdown(results: Results): string {
  return `${[
    describeMachine(results),
    "### Each operation, beside others",
    operations(results),
    "### At the same time",
    races(results),
    ...(results.growth.length > 0 ? ["### With more tokens", growth(results)] : []),
    ...(Object.keys(results.alone).length > 0
      ? ["### What it would take on the three services", describeScale(results)]
      : []),
  ].join("\n\n")}\n`;
}

function describeMachine({ date, commit, machine, versions, load, size, startUp, contestants }: Results): string {
  const against = contestants.slice(1).map(({ name, version }) => `${name} ${version}`);
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${date} at ${commit}, against ${against.join(", ")}, with ${software.join(", ")}, on ${machine.cores} cores (${machine.cpu}).`,
    `Load average before and after: ${triple(load.before)} and ${triple(load.after)}.`,
    `Gatehouse's bundle has ${figure(startUp.gzippedKib)} KiB gzipped. A new isolate evaluates it in ${figure(startUp.p50)} ms (the fastest in ${figure(startUp.fastest)}).`,
    `${size.latency} requests one after the other for each latency, ${size.throughput} over ${size.connections} connections for what is per second and per request.`,
  ].join("\n");
}

const HEAD = [
  "",
  "hops (in a row)",
  "p50 / p95 / p99, +0 ms",
  "+5 ms a hop",
  "+20 ms a hop",
  "requests/s",
  "of the floor",
  "CPU ms: server",
  "Postgres",
  "stand-ins",
];

function operations({ floor, contestants, alone }: Results): string {
  const share = ({ requestsPerSecond }: Measurement) => (requestsPerSecond / floor.query.requestsPerSecond).toFixed(2);
  const row = (name: string, measurement: Measurement) => [
    name,
    `${figure(measurement.hops)} (${measurement.criticalPath})`,
    ...measurement.latency.map(({ p50, p95, p99 }) => triple([p50, p95, p99])),
    figure(measurement.requestsPerSecond),
    share(measurement),
    figure(measurement.cpu.server),
    figure(measurement.cpu.postgres),
    figure(measurement.cpu.standIns),
  ];
  const rows = [
    row("**floor**: a Worker with one query", floor.query),
    row("**floor**: with a query and a Redis command", floor.both),
    ...OPERATIONS.flatMap((operation) =>
      contestants.flatMap(({ name, operations: measured }) => {
        const measurement = measured[operation];
        return measurement ? [row(`${operation}: ${name}`, measurement)] : [];
      }),
    ),
    ...Object.entries(alone).map(([name, measurement]) => row(`${name}: Gatehouse`, measurement)),
  ];
  return table(HEAD, rows);
}

const races = ({ contestants }: Results) =>
  table(
    ["", "three redemptions of one code", "three refreshes with one token", "a refresh again whose answer was lost"],
    contestants.map(({ name, races: { redemptions, refreshes, lostAnswer } }) => [
      name,
      redemptions,
      refreshes,
      lostAnswer,
    ]),
  );

function growth({ growth: sizes }: Results): string {
  const [first] = sizes;
  const last = sizes.at(-1);
  const figures = (size: Results["growth"][number] | undefined) => ({ ...size?.operations, ...size?.pages });
  return table(
    ["p50 in ms", ...sizes.map(({ tokens }) => `${tokens.toLocaleString("en")} tokens`), "times"],
    Object.keys(figures(first)).map((name) => [
      name,
      ...sizes.map((size) => figure(figures(size)[name])),
      figure((figures(last)[name] ?? 0) / (figures(first)[name] ?? 1)),
    ]),
  );
}
