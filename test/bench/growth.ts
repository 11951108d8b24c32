import type { Child } from "./child.ts";
import type { Gatehouse } from "./contestants/gatehouse.ts";
import { ALONE, signedIn } from "./contestants/gatehouse-alone.ts";
import { fill } from "./fill.ts";
import { fire, percentile } from "./load.ts";
import { type Operation, prepare } from "./operations.ts";
import type { StandIns } from "./stand-ins/process.ts";

export type Growth = {
  readonly tokens: number;
  /** Median milliseconds over HTTP, without added latency or other load. */
  readonly operations: Readonly<Record<string, number>>;
  readonly pages: Readonly<Record<string, number>>;
};

const OPERATIONS: readonly Operation[] = ["exchange", "refresh", "verify", "machine", "revoke"];

const PAGES: Readonly<Record<string, string>> = {
  "connected apps": "/account",
  "ended connections": "/account?ended",
  overview: "/admin",
  servers: "/admin/resources",
  apps: "/admin/clients",
  "search among apps": "/admin/clients?search=App%2099",
  "search for an app that isn't there": "/admin/clients?search=nothing",
  people: "/admin/people",
  "search for somebody who isn't there": "/admin/people?search=nobody",
  "audit log": "/admin/audit",
  "a rare event": "/admin/audit?event=signed_out",
  "events of an app": "/admin/audit?client=filled_1",
};

/** Measures whether what was fast with ten thousand tokens still is with more. */
export async function grow(
  standIns: Child<StandIns>,
  gatehouse: Gatehouse,
  sizes: readonly number[],
  runs: number,
): Promise<Growth[]> {
  await standIns.ask("begin", 0);
  const results: Growth[] = [];
  let filled = 0;
  for (const tokens of sizes) {
    await fill(standIns, gatehouse, { from: filled, to: tokens });
    filled = tokens;
    // What Postgres does by itself after a while: it collects statistics, and marks pages without dead rows.
    await standIns.ask("run", "vacuum analyze");
    await standIns.ask("run", "checkpoint");
    results.push({
      tokens,
      operations: await timeOperations(gatehouse, runs),
      pages: await timePages(gatehouse, runs),
    });
  }
  return results;
}

async function timeOperations(gatehouse: Gatehouse, runs: number): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const time = async (name: string, work: Parameters<typeof fire>[1]) => {
    await fire({ origin: gatehouse.origin, connections: 1, amount: runs }, work);
    const { times } = await fire({ origin: gatehouse.origin, connections: 1, amount: runs }, work);
    figures[name] = percentile(times, 0.5);
  };
  for (const operation of OPERATIONS) {
    const work = await prepare(gatehouse, operation, 2 * runs);
    if (work) await time(operation, work);
  }
  for (const name of ["tool call written down", "authorization page"] as const)
    await time(name, await ALONE[name](gatehouse));
  return figures;
}

async function timePages(gatehouse: Gatehouse, runs: number): Promise<Record<string, number>> {
  const browser = await signedIn(gatehouse);
  const figures: Record<string, number> = {};
  for (const [name, path] of Object.entries(PAGES)) {
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      const { status } = await browser.open(gatehouse.origin + path);
      if (status !== 200) throw new Error(`${path} answered ${status}`);
      times.push(performance.now() - started);
    }
    figures[name] = percentile(
      times.sort((a, b) => a - b),
      0.5,
    );
  }
  return figures;
}
