import type { BindingAnswer, GatehouseBinding } from "./binding.ts";
import type { Settings } from "./options.ts";

type Call = {
  readonly overBinding: (binding: GatehouseBinding) => Promise<BindingAnswer<Readonly<Record<string, unknown>>>>;
  readonly path: string;
  readonly body: URLSearchParams | string;
  /** Errors that are answers to the caller, and not a fault of the configuration. */
  readonly refusals?: readonly string[];
};

/**
 * Gatehouse's answer, or null if it couldn't be asked. It is asked up to twice, each time with a deadline of its own.
 */
export async function callGatehouse(settings: Settings, call: Call): Promise<Readonly<Record<string, unknown>> | null> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    const result = await withDeadline(settings.timeoutMs, (signal) => attemptCall(settings, call, signal));
    if (result?.ok) return result.answer;
    if (result && call.refusals?.includes(result.error)) {
      return { error: result.error, connect_uri: result.connectUri };
    }
    if (result && result.error !== "temporarily_unavailable") {
      const what = result.error === "invalid_client" ? "the resource's credential was refused" : result.error;
      console.error(`gatehouse: ${call.path}: ${what}`);
      return null;
    }
  }
  reportUnreachable(settings, `${settings.binding ? "service binding, " : ""}${settings.issuer}${call.path}`);
  return null;
}

const reportedAt = new WeakMap<Settings, number>();

/** Logs that the issuer gave no answer, once a minute, since otherwise every request would. */
export function reportUnreachable(settings: Settings, where: string): void {
  if (Date.now() - (reportedAt.get(settings) ?? 0) < 60_000) return;
  reportedAt.set(settings, Date.now());
  console.error(`gatehouse: the issuer can't be reached, or gives no answer that can be used: ${where}`);
}

async function attemptCall(settings: Settings, { overBinding, path, body }: Call, signal: AbortSignal) {
  const { binding, issuer, credential } = settings;
  if (binding) return overBinding(binding);
  const response = await fetch(`${issuer}${path}`, {
    method: "POST",
    headers: {
      // Gatehouse's ids and secrets consist of unreserved characters, so form-encoding wouldn't change them.
      Authorization: `Basic ${btoa(`${credential.id}:${credential.secret}`)}`,
      Accept: "application/json",
      "Content-Type": typeof body === "string" ? "application/json" : "application/x-www-form-urlencoded",
    },
    body: String(body),
    redirect: "manual",
    signal,
  });
  if (response.status >= 500 || response.status === 429) return null;
  const answer: unknown = await response.json();
  if (typeof answer !== "object" || answer === null) return null;
  if (response.ok) return { ok: true, answer: answer as Readonly<Record<string, unknown>> } as const;
  const { error = response.status, connect_uri: connectUri } = answer as { error?: unknown; connect_uri?: unknown };
  return { ok: false, error: String(error), ...(typeof connectUri === "string" ? { connectUri } : {}) } as const;
}

/**
 * The result of work, or null if it throws or takes too long. RPC calls can't be aborted, so a timer runs beside them.
 */
export async function withDeadline<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      controller.abort();
      resolve(null);
    }, milliseconds);
  });
  try {
    return await Promise.race([work(controller.signal).catch(() => null), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
