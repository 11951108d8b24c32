import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";

/** One request, as it is sent. */
export type Call = {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A request that is repeated: how to make the next one, and what to do with its answer. */
export type Work = { next(): Call; answered?(body: string): void };

export type Shot = {
  /** The time of each request, in milliseconds, in ascending order. */
  readonly times: readonly number[];
  readonly seconds: number;
};

export type Load = { readonly origin: string; readonly connections: number; readonly amount: number };

/** Sends `amount` requests over some connections. Throws if any isn't successful. */
export async function fire({ origin, connections, amount }: Load, work: Work): Promise<Shot> {
  const times: number[] = [];
  const failures: string[] = [];
  const started = performance.now();
  let last = started;
  const run = autocannon({
    url: origin,
    connections,
    amount,
    timeout: 30,
    sampleInt: 20,
    requests: [
      {
        setupRequest: (request: object) => ({ ...request, method: "POST", ...work.next() }),
        onResponse: (status: number, body: string) => {
          if (status < 200 || status > 399) failures.push(`${status} ${body}`);
          else work.answered?.(body);
        },
      },
    ],
  });
  run.on("response", (_client: unknown, _status: number, _bytes: number, time: number) => {
    times.push(time);
    last = performance.now();
  });
  const { errors } = await run;
  if (failures.length > 0 || errors > 0 || times.length < amount)
    throw new Error(`${failures.length} of ${amount} failed, ${errors} had no answer: ${failures[0]}`);
  // A server may have work left after its answer, which must not count for the next one.
  await sleep(30);
  return { times: times.sort((a, b) => a - b), seconds: (last - started) / 1000 };
}

/** The value that this share of the times doesn't exceed (nearest rank). */
export const percentile = (times: readonly number[], share: number): number =>
  times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? Number.NaN;
