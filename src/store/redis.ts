import { type Observe, timed } from "../lib/data-points.ts";
import { encodeHex } from "../lib/hex.ts";
import { unavailable } from "../lib/unavailable.ts";

/** A command with its arguments, as Redis documents it. */
type Command = readonly [name: string, ...parameters: (string | number)[]];

/**
 * Redis over REST. Each function is one request. Any failure becomes an error that reveals no key, argument or token.
 */
export type Redis = {
  readonly ask: <T>(...command: Command) => Promise<T>;
  /** Runs commands in one transaction (MULTI). */
  readonly transact: (...commands: readonly Command[]) => Promise<unknown[]>;
  /** Runs a Lua script, which is atomic. It takes a second request if Redis doesn't have the script yet. */
  readonly run: <T>(script: string, keys: readonly string[], parameters: readonly (string | number)[]) => Promise<T>;
};

/** Long enough for a distant region, but short enough that an unreachable Redis doesn't delay requests much. */
const TIMEOUT_MS = 1000;

type Reply = { readonly result?: unknown; readonly error?: string };

/**
 * Connects to Upstash over REST (https://upstash.com/docs/redis/features/restapi). Upstash's own client has a class for
 * every command of Redis, which a Worker would load and never use.
 */
export function createRedis(url: string, token: string, observe: Observe = () => {}): Redis {
  const origin = url.replace(/\/$/, "");
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const post = async <T>(path: string, body: unknown): Promise<T | null> => {
    try {
      return await timed(observe, async () => {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        // A redirect isn't followed, since the token would go along.
        const sent = { method: "POST", headers, body: JSON.stringify(body), redirect: "manual", signal } as const;
        const response = await fetch(origin + path, sent);
        // An error of Redis itself comes as 400, with a sentence about it.
        if (response.status !== 200 && response.status !== 400) throw new Error(`status ${response.status}`);
        return (await response.json()) as T | null;
      });
    } catch {
      throw unavailable("redis");
    }
  };
  const resultOf = <T>(reply: Reply | null): T => {
    if (reply?.error !== undefined || reply?.result === undefined) throw unavailable("redis");
    return reply.result as T;
  };
  return {
    ask: async (...command) => resultOf(await post<Reply>("", command)),
    transact: async (...commands) => {
      const replies = await post<Reply | readonly (Reply | null)[]>("/multi-exec", commands);
      if (!Array.isArray(replies)) throw unavailable("redis");
      return replies.map((reply) => resultOf(reply));
    },
    run: async (script, keys, parameters) => {
      const rest = [keys.length, ...keys, ...parameters];
      const reply = await post<Reply>("", ["EVALSHA", await digestOf(script), ...rest]);
      return resultOf(reply?.error?.startsWith("NOSCRIPT") ? await post<Reply>("", ["EVAL", script, ...rest]) : reply);
    },
  };
}

const digests = new Map<string, string>();

/** The SHA-1 by which Redis knows a script. Scripts are constants, so each is hashed once an isolate. */
async function digestOf(script: string): Promise<string> {
  const digest =
    digests.get(script) ??
    encodeHex(new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(script))));
  digests.set(script, digest);
  return digest;
}
