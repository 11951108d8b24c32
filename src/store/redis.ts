import { Redis } from "@upstash/redis/cloudflare";
import { type Observe, timed } from "../lib/data-points.ts";
import { unavailable } from "../lib/unavailable.ts";

export type { Redis };

/** Long enough for a distant region, but short enough that an unreachable Redis doesn't delay requests much. */
const TIMEOUT_MS = 1000;

/** Connects to Upstash over REST. Commands that are issued together travel in one request. */
export function createRedis(url: string, token: string, observe: Observe | null = null): Redis {
  const redis = new Redis({
    url,
    token,
    retry: { retries: 0 },
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
    automaticDeserialization: false,
    enableTelemetry: false,
    readYourWrites: false,
  });
  if (observe) redis.use((request, next) => timed(observe, () => next(request)));
  return redis;
}

/** Runs commands. Any failure becomes an error that reveals no key, argument or token. */
export async function askRedis<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    throw unavailable("redis");
  }
}
