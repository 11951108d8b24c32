import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What can go wrong with a request to a stand-in:
 * `refuse` breaks the connection before any work, `hang` never answers, `lose_answer` does the work and breaks the
 * connection, `error_500` answers as a broken proxy would.
 */
export type Fault = "refuse" | "hang" | "lose_answer" | "error_500";

/** The controls of one stand-in. */
export type Faults = {
  /** Requests since `reset`. */
  readonly requests: () => number;
  /** From now on, requests with this in their body don't count. Null makes all of them count again. */
  uncount(matching: string | null): void;
  /** Added before each answer. Requests that wait already go on at once. */
  setLatency(milliseconds: number): void;
  /** Makes the next requests fail, or only those with `matching` in their body. */
  inject(fault: Fault, options?: { readonly times?: number; readonly matching?: string }): void;
  /** Sets the counter to zero and ends all faults. */
  reset(): void;
};

export type FaultyWork = {
  /** Handles one request under the current faults. Null if nothing must be answered. */
  run<T>(body: string, socket: Socket, work: () => Promise<T>): Promise<T | "error_500" | null>;
};

export function createFaults(): Faults & FaultyWork {
  let requests = 0;
  let latency = 0;
  let waits = new AbortController();
  let uncounted: string | null = null;
  let pending: { fault: Fault; times: number; matching: string }[] = [];

  const takeFault = (body: string): Fault | null => {
    const found = pending.find(({ matching }) => body.includes(matching));
    if (!found) return null;
    found.times--;
    pending = pending.filter(({ times }) => times > 0);
    return found.fault;
  };

  const setLatency = (milliseconds: number): void => {
    latency = milliseconds;
    waits.abort();
    waits = new AbortController();
  };

  return {
    requests: () => requests,
    uncount: (matching) => {
      uncounted = matching;
    },
    setLatency,
    inject: (fault, { times = Number.POSITIVE_INFINITY, matching = "" } = {}) => {
      pending.push({ fault, times, matching });
    },
    reset: () => {
      requests = 0;
      setLatency(0);
      pending = [];
    },
    run: async (body, socket, work) => {
      if (uncounted === null || !body.includes(uncounted)) requests++;
      const fault = takeFault(body);
      if (latency > 0) await sleep(latency, null, { signal: waits.signal }).catch(() => {});
      if (fault === "hang") return null;
      if (fault === "error_500") return fault;
      const result = fault === "refuse" ? null : await work();
      if (fault === null) return result;
      socket.destroy();
      return null;
    },
  };
}
