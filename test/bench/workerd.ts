import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unstable_readConfig } from "wrangler";
import { reapAtEnd } from "../../src/dev/reaper.ts";
import { bundle, projectFile } from "../../src/dev/workerd.ts";

export type BenchWorker = {
  readonly name: string;
  readonly entry: string;
  readonly port: number;
  readonly bindings?: Readonly<Record<string, string>>;
  /** A KV namespace, stored by whatever listens on the port. */
  readonly kv?: { readonly binding: string; readonly port: number };
};

export type WorkerdOptions = {
  /** The port for a profiler. The Workers keep their names then. */
  readonly inspectorPort?: number;
};

export type Workerd = { readonly pid: number; readonly stop: () => Promise<void> };

export const config = unstable_readConfig({ config: projectFile("wrangler.toml") }, { hideWarnings: true });

/** A Worker as one module, with the modules replaced that wrangler.toml names. */
export const bundleWorker = (entry: string, minify: boolean): Promise<string> =>
  bundle(entry, { alias: config.alias, minify });

const workerd = createRequire(import.meta.url)("workerd") as { default: string };

/** Runs Workers in a bare workerd, minified as they are deployed and with nothing between their ports and them. */
export async function startWorkerd(
  workers: readonly BenchWorker[],
  { inspectorPort }: WorkerdOptions = {},
): Promise<Workerd> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-bench-workerd-"));
  const minify = inspectorPort === undefined;
  for (const { name, entry } of workers) await writeFile(join(folder, `${name}.js`), await bundleWorker(entry, minify));
  const text = (value: string) => JSON.stringify(value);
  const bindingsOf = ({ bindings = {}, kv }: BenchWorker) => [
    ...Object.entries(bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...(kv ? [`(name = ${text(kv.binding)}, kvNamespace = "kv")`] : []),
  ];
  const services = workers.map(
    (worker) => `(name = ${text(worker.name)}, worker = (
      modules = [(name = "worker.js", esModule = embed ${text(`${worker.name}.js`)})],
      compatibilityDate = ${text(config.compatibility_date ?? "")},
      compatibilityFlags = [${config.compatibility_flags.map(text).join(", ")}],
      bindings = [${bindingsOf(worker).join(", ")}]))`,
  );
  const kvPort = workers.find(({ kv }) => kv)?.kv?.port;
  await writeFile(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [${services.join(",\n")},
        ${kvPort ? `(name = "kv", external = (address = "127.0.0.1:${kvPort}", http = ())),` : ""}
        (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true)))],
      sockets = [${workers.map(({ name, port }) => `(name = ${text(name)}, address = "127.0.0.1:${port}", http = (), service = ${text(name)})`).join(", ")}]);`,
  );
  const inspect = inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`];
  const server = spawn(workerd.default, ["serve", ...inspect, join(folder, "config.capnp")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const pid = server.pid ?? 0;
  reapAtEnd(pid);
  let complaints = "";
  server.stderr?.on("data", (chunk) => {
    complaints += chunk;
  });
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const stop = async () => {
    server.kill("SIGTERM");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  await Promise.race([
    Promise.all(workers.map(({ port }) => waitUntilListening(`http://127.0.0.1:${port}/`))),
    exited.then(() => Promise.reject(new Error(`workerd did not start: ${complaints}`))),
  ]);
  return { pid, stop };
}

async function waitUntilListening(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await sleep(25);
    }
  }
}
