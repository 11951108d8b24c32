import { parseJson } from "./json.ts";

type SafeFetchOptions = { readonly maxBytes: number; readonly timeoutMs: number };

/** A JSON document with the headers that say how long it stays fresh, or the reason why there is none. */
type FetchedJson =
  | { readonly ok: true; readonly json: unknown; readonly headers: Headers }
  /**
   * `gone`: the host says that there is no such document (404, 410). `failed`: anything else, which may be temporary.
   */
  | { readonly ok: false; readonly kind: "gone" | "failed"; readonly problem: string };

/**
 * Fetches a JSON document from a checked URL that a stranger named. Only a 200 counts, redirects aren't followed, and
 * neither a slow host nor an endless body keeps the server busy.
 */
export async function fetchJson(
  fetch: typeof globalThis.fetch,
  url: string,
  { maxBytes, timeoutMs }: SafeFetchOptions,
): Promise<FetchedJson> {
  const fail = (problem: string) => ({ ok: false, kind: "failed", problem }) as const;
  try {
    const response = await fetch(url, {
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      const kind = response.status === 404 || response.status === 410 ? "gone" : "failed";
      return { ok: false, kind, problem: `answered ${response.status}` };
    }
    if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(response.headers.get("Content-Type") ?? "")) {
      await response.body?.cancel();
      return fail("is not JSON");
    }
    const text = await readUpTo(response, maxBytes);
    if (text === null) return fail(`is larger than ${maxBytes} bytes`);
    return { ok: true, json: parseJson(text), headers: response.headers };
  } catch (error) {
    if (error instanceof SyntaxError) return fail("is not JSON");
    return fail((error as Error).name === "TimeoutError" ? "did not answer in time" : "could not be reached");
  }
}

/**
 * A fetch for libraries that speak to a host that may be broken. It doesn't follow redirects, and throws `FetchFailed`
 * unless the answer ends within the deadline and the size limit. Runtimes have no common form for what they throw.
 */
export const boundedFetch =
  (fetch: typeof globalThis.fetch, { maxBytes, timeoutMs }: SafeFetchOptions) =>
  async (url: string, init?: object): Promise<Response> => {
    try {
      const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
      const { status, headers } = response;
      const text = await readUpTo(response, maxBytes);
      if (text === null) throw fetchFailed(`answered more than ${maxBytes} bytes`);
      return new Response([204, 205, 304].includes(status) ? null : text, { status, headers });
    } catch (error) {
      const { name } = error as Error;
      if (name === "FetchFailed") throw error;
      throw fetchFailed(name === "TimeoutError" ? "did not answer in time" : "could not be reached");
    }
  };

const fetchFailed = (message: string): Error => Object.assign(new Error(message), { name: "FetchFailed" });

/** The body as text, or null as soon as it exceeds the limit. */
async function readUpTo(response: Response, maxBytes: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
