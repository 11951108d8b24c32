import { join } from "node:path";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { startChild } from "./child.ts";
import { startGatehouse } from "./contestants/gatehouse.ts";
import { fire } from "./load.ts";
import { OPERATIONS, type Operation, prepare } from "./operations.ts";
import type { StandIns } from "./stand-ins/process.ts";
import { table } from "./table.ts";
import { bundleWorker } from "./workerd.ts";

/** `node test/bench/profile.ts verify` shows where the Worker's CPU time goes, by package and by function. */
const [, , operation = "verify"] = process.argv;
const AMOUNT = 1500;

type Frame = { readonly functionName: string; readonly url: string; readonly lineNumber: number };
type Node = { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] };
type Profile = {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

const standIns = await startChild<StandIns>(join(import.meta.dirname, "stand-ins/process.ts"));
const inspectorPort = await findFreePort();
const gatehouse = await startGatehouse(standIns, { inspectorPort });
const work = await prepare(gatehouse, operation as Operation, 2 * AMOUNT);
if (!work) throw new Error(`there is none of ${OPERATIONS.join(", ")} called ${operation}`);
const load = { origin: gatehouse.origin, connections: 4, amount: AMOUNT };
await fire(load, work);
const ask = await attach(`ws://127.0.0.1:${inspectorPort}/gatehouse`);
await ask("Profiler.enable");
await ask("Profiler.setSamplingInterval", { interval: 200 });
await ask("Profiler.start");
await fire(load, work);
const { profile } = (await ask("Profiler.stop")) as { profile: Profile };
await gatehouse.stop();
await standIns.stop();
print(profile, modulesOf(await bundleWorker(projectFile("src/worker.ts"), false)));
process.exit();

/** A connection to the inspector (Chrome DevTools Protocol). */
async function attach(url: string): Promise<(method: string, params?: object) => Promise<unknown>> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("no inspector answers")));
  });
  let last = 0;
  return (method, params = {}) =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
}

/** The module of each line of a bundle, since the bundler puts the path above each module. */
function modulesOf(text: string): string[] {
  let module = "";
  return text.split("\n").map((line) => {
    module = /^\/\/ ((?:node_modules|src|test)\/\S+)$/.exec(line)?.[1] ?? module;
    return module;
  });
}

function print({ nodes, samples, timeDeltas }: Profile, modules: readonly string[]): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byModule = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(id) as Frame;
    if (["(idle)", "(root)"].includes(functionName)) continue;
    const milliseconds = (timeDeltas[index] ?? 0) / 1000 / AMOUNT;
    // Work of the runtime itself has no place in the bundle.
    const path = url === "" ? functionName.replace(/^[^(].*/, "(runtime)") : (modules[lineNumber] ?? "");
    const module = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split("/").slice(0, 2).join("/");
    const name = `${functionName || "(anonymous)"}, ${path.replace("node_modules/", "")}`;
    byModule.set(module, (byModule.get(module) ?? 0) + milliseconds);
    byFunction.set(name, (byFunction.get(name) ?? 0) + milliseconds);
    busy += milliseconds;
  }
  const list = (title: string, times: ReadonlyMap<string, number>, count: number) =>
    table(
      [title, "ms a request", "%"],
      [...times]
        .sort(([, a], [, b]) => b - a)
        .slice(0, count)
        .map(([name, time]) => [name, time.toFixed(3), ((100 * time) / busy).toFixed(1)]),
    );
  console.log(`${operation}: ${busy.toFixed(2)} ms of the Worker's thread a request\n`);
  console.log(`${list("package or floor", byModule, 20)}\n\n${list("function", byFunction, 45)}`);
}
