import { type ChildProcess, fork } from "node:child_process";

type Question = { readonly id: number; readonly name: string; readonly args: readonly unknown[] };
type Reply = { readonly id: number; readonly result?: unknown; readonly problem?: string };

/** The methods that a child process offers, by name. Arguments and results travel as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: each method has arguments of its own.
export type Methods = Readonly<Record<string, (...args: any[]) => Promise<unknown>>>;

export type Child<M extends Methods> = {
  readonly pid: number;
  ask<N extends keyof M & string>(name: N, ...args: Parameters<M[N]>): Promise<Awaited<ReturnType<M[N]>>>;
  readonly stop: () => Promise<void>;
};

/** Runs a module as a process of its own, so that its CPU time is counted apart. It answers through `answerParent`. */
export async function startChild<M extends Methods>(module: string, ...args: readonly string[]): Promise<Child<M>> {
  const child = fork(module, args, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  // The output of servers about requests that are meant to fail is only shown if they end after it.
  let complaints = "";
  child.stderr?.on("data", (chunk) => {
    complaints = `${complaints}${chunk}`.slice(-2000);
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  child.on("message", ({ id, result, problem }: Reply) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (problem === undefined) asked?.resolve(result);
    else asked?.reject(new Error(problem));
  });
  child.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${module} ended with ${code}: ${complaints}`));
  });
  let last = 0;
  const ask = (name: string, ...rest: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      child.send({ id, name, args: rest });
    });
  return { pid: child.pid ?? 0, ask: ask as Child<M>["ask"], stop: () => leave(child) };
}

/** A child that loses its parent ends by itself. */
async function leave(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.disconnect();
  await gone;
}

/** In the child: answers what the parent asks, and cleans up when it is gone. */
export function answerParent(methods: Methods, cleanUp: () => Promise<void> = async () => {}): void {
  process.on("message", async ({ id, name, args }: Question) => {
    const reply: Reply = await (
      methods[name]?.(...args) ?? Promise.reject(new Error(`nothing is called ${name}`))
    ).then(
      (result) => ({ id, result }),
      (error: Error) => ({ id, problem: `${name}: ${error.stack}` }),
    );
    process.send?.(reply);
  });
  process.on("disconnect", () => {
    void cleanUp().finally(() => process.exit());
  });
}
