import { expandScopes } from "./access-table.ts";
import type { Auth } from "./auth.ts";
import { readToken, type Verifier } from "./authenticate.ts";

/**
 * Looks a token up again while an answer to it is open. Calls `end` once the token has ended, was revoked, or allows
 * less than when the answer began. If Gatehouse can't be asked, the answer goes on until the token's own end. `end`
 * returns false if there is nothing to end yet. Returns a function that stops the watch.
 */
export function watchToken(
  { settings, verifyToken }: Pick<Verifier, "settings" | "verifyToken">,
  { request, auth }: { readonly request: Request; readonly auth: Auth },
  end: () => boolean,
): () => void {
  const token = readToken(request);
  let stopped = "refusal" in token;
  let timer: ReturnType<typeof setTimeout>;

  const isGood = async (): Promise<boolean> => {
    if (Date.now() >= auth.expiresAt * 1000 || "refusal" in token) return false;
    const verified = await verifyToken(token.value);
    if (verified === "unavailable") return true;
    if (verified === "invalid") return false;
    const scopes = expandScopes(settings.access, verified.scopes);
    return auth.scopes.every((scope) => scopes.includes(scope));
  };
  const check = async (): Promise<void> => {
    const good = await isGood();
    if (stopped) return;
    stopped = !good && end();
    if (!stopped) wait(1000);
  };
  const wait = (least = 0): void => {
    const milliseconds = Math.min(settings.streamCheckSeconds * 1000, auth.expiresAt * 1000 - Date.now());
    timer = setTimeout(() => void check(), Math.max(least, milliseconds));
  };
  if (!stopped) wait();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** An answer whose stream of events ends with the token that it was given for. Any other answer stays as it is. */
export function endWithToken(
  verifier: Pick<Verifier, "settings" | "verifyToken">,
  caller: { readonly request: Request; readonly auth: Auth },
  response: Response,
): Response {
  const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
  if (!isStream || !response.body) return response;
  const reader = response.body.getReader();
  let over = false;
  let stop = () => {};
  const finish = (): boolean => {
    stop();
    const first = !over;
    over = true;
    return first;
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stop = watchToken(verifier, caller, () => {
          if (finish()) {
            controller.close();
            void reader.cancel().catch(() => {});
          }
          return true;
        });
      },
      async pull(controller) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          finish();
          throw error;
        });
        if (!done && !over) controller.enqueue(value);
        else if (finish()) controller.close();
      },
      cancel(reason) {
        finish();
        return reader.cancel(reason);
      },
    },
    // Reads nothing ahead of the listener.
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
