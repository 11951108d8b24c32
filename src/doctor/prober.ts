import { type Answer, noAnswer, readAnswer, type Trouble, troubleOf } from "./answer.ts";
import { inspectTls, type TlsSeen } from "./tls.ts";

/** What a walk may do to other people's servers. */
export type Bounds = {
  /** Asks once for each host that nobody named, since metadata may lead to anybody's. */
  readonly mayAsk: (hostname: string) => Promise<boolean>;
  readonly hostnames: readonly string[];
  readonly maxRequests: number;
  readonly timeoutMs: number;
};

export type Prober = {
  send(url: string | URL, init?: RequestInit): Promise<Answer>;
  /** Like `send`, but follows redirects to the same origin, as clients do during discovery. */
  discover(url: string | URL, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** What TLS shows. Null for a URL that isn't https, or where a request wouldn't be sent either. */
  inspect(url: URL): Promise<TlsSeen | null>;
  /** Reserves one of the requests for cleaning up, or with -1 gives it back. */
  hold(count: 1 | -1): void;
  /** The requests that were made, by method and URL without its query. */
  readonly requests: readonly string[];
  /** The hosts that weren't called, because nobody named them. */
  readonly refusedHosts: ReadonlySet<string>;
};

const MAX_REDIRECTS = 3;

/**
 * Sends requests within bounds: only to named hosts, only a limited number, each with a deadline and a small answer.
 */
export function createProber({ mayAsk, hostnames, maxRequests, timeoutMs }: Bounds): Prober {
  const requests: string[] = [];
  let held = 0;
  const refusedHosts = new Set<string>();
  const decided = new Map<string, Promise<boolean>>(hostnames.map((hostname) => [hostname, Promise.resolve(true)]));

  const isNamed = (hostname: string): Promise<boolean> => {
    const decision = decided.get(hostname) ?? mayAsk(hostname);
    decided.set(hostname, decision);
    return decision;
  };

  const send = async (to: string | URL, init: RequestInit = {}): Promise<Answer> => {
    const request = `${init.method ?? "GET"} ${String(to).split("?")[0]}`;
    const unanswered = (trouble: Trouble): Answer => noAnswer(request, trouble);
    if (!URL.canParse(String(to)) || !/^https?:/.test(String(to))) return unanswered("no URL");
    const url = new URL(to);
    if (!(await isNamed(url.hostname))) {
      refusedHosts.add(url.hostname);
      return unanswered("host not named");
    }
    if (requests.length + held >= maxRequests) return unanswered("too many requests");
    requests.push(request);
    const started = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, { ...init, redirect: "manual", signal });
      return await readAnswer(response, { request, url, started });
    } catch (error) {
      return { ...unanswered(troubleOf(error)), ms: performance.now() - started };
    }
  };

  const discover = async (to: string | URL, headers = {}, redirects = 0): Promise<Answer> => {
    const answer = await send(to, { headers: { Accept: "application/json", ...headers } });
    const next = answer.location;
    const goesOn = next !== null && next.origin === new URL(to).origin && redirects < MAX_REDIRECTS;
    return goesOn ? discover(next, headers, redirects + 1) : answer;
  };

  const inspect = async (url: URL): Promise<TlsSeen | null> => {
    if (url.protocol !== "https:" || !(await isNamed(url.hostname)) || requests.length + held >= maxRequests)
      return null;
    requests.push(`TLS ${url.host}`);
    return inspectTls(url, timeoutMs);
  };

  const hold = (count: 1 | -1): void => {
    held += count;
  };
  return { send, inspect, discover: (to, headers) => discover(to, headers), hold, requests, refusedHosts };
}
