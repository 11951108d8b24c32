import type { ToolEntry } from "./access-table.ts";
import { answerAccountError } from "./account-tool-error.ts";
import type { Auth } from "./auth.ts";
import { withDeadline } from "./gatehouse-call.ts";
import type { ResourceServer } from "./resource-server.ts";
import { satisfies } from "./scope-requirement.ts";
import type { ToolCall, ToolCallSink, ToolOutcome } from "./tool-calls.ts";
import { type ToolError, toolError } from "./tool-error.ts";

/** Counts a call in a bucket: `upstashLimiter`, or your own. If it throws or takes over a second, the call goes on. */
export type ToolLimiter = (bucket: {
  readonly key: string;
  readonly perMinute: number;
}) => Promise<{ readonly allowed: boolean; readonly retryAfterSeconds: number }>;

export type ToolGuard = {
  /** None by default. */
  readonly limit?: ToolLimiter;
  /**
   * Calls a minute and user, of all tools together, by default 60. A tool may have a limit of its own in the access
   * table.
   */
  readonly perMinute?: number;
  /** Nowhere by default. */
  readonly audit?: ToolCallSink;
};

type GuardedCall = { readonly auth: Auth | null; readonly tool: string; readonly arguments: unknown };

const LIMITER_MS = 1000;
const MAX_ARGUMENT_LENGTH = 256;

/**
 * Runs a tool for a caller that may call it: checks scopes, counts, and records the call. It is for servers that don't
 * use the SDK's `McpServer`. `protectTools` does the same for those that do. A tool that isn't in the access table is
 * refused.
 */
export async function guardToolCall<Result extends object>(
  server: ResourceServer,
  guard: ToolGuard,
  call: GuardedCall,
  run: () => Promise<Result>,
  outcomeOf: (result: Result) => ToolOutcome = (result) => ("isError" in result && result.isError ? "error" : "ok"),
): Promise<Result | ToolError> {
  const { auth, tool } = call;
  const entry = server.settings.access.tools.get(tool);
  if (!auth) return toolError("UNAUTHENTICATED", "This call came without authentication.");
  if (!entry) return toolError("UNKNOWN_TOOL", "There is no such tool.");
  const startedAt = performance.now();
  let outcome: ToolOutcome = "error";
  try {
    if (!satisfies(auth.scopes, entry.scopes)) {
      outcome = "insufficient_scope";
      return toolError("INSUFFICIENT_SCOPE", `This needs a permission: ${entry.scopes.join(" ")}.`);
    }
    const seconds = await secondsToWait(guard, auth.subject, tool, entry);
    if (seconds > 0) {
      outcome = "rate_limited";
      const message = `Too many calls. Try again in ${seconds} seconds.`;
      return toolError("RATE_LIMITED", message, { retryable: true, retryAfterSeconds: seconds });
    }
    const result = await run();
    outcome = outcomeOf(result);
    return result;
  } catch (error) {
    return answerAccountError(error);
  } finally {
    const durationMs = Math.round(performance.now() - startedAt);
    await recordToolCall(server, guard, { auth, call, entry, outcome, durationMs });
  }
}

/** Records a call, after the answer if there is `waitUntil`. */
export async function recordToolCall(
  { settings }: ResourceServer,
  { audit }: ToolGuard,
  {
    auth,
    call,
    entry,
    outcome,
    durationMs,
  }: {
    readonly auth: Auth;
    readonly call: Omit<GuardedCall, "auth">;
    readonly entry: ToolEntry;
    readonly outcome: ToolOutcome;
    readonly durationMs: number;
  },
): Promise<void> {
  if (!audit) return;
  const { subject, clientId, tokenId, address } = auth;
  const named = pickArguments(call.arguments, entry.auditArguments ?? []);
  const written = writeDown(audit, {
    ...{ tool: call.tool, subject, clientId, tokenId },
    ...{ outcome, durationMs, address, arguments: named },
  });
  if (settings.waitUntil) settings.waitUntil(written);
  else await written;
}

async function writeDown(audit: ToolCallSink, call: ToolCall): Promise<void> {
  try {
    await audit(call);
  } catch {
    // The call has been made. Failing to record it must not look like a failed call.
    console.error(JSON.stringify({ event: "tool_call_lost", tool: call.tool }));
  }
}

/** 0 if the call may go on. An outage of the counter must not become one of the server. */
async function secondsToWait(guard: ToolGuard, subject: string, tool: string, entry: ToolEntry): Promise<number> {
  const { limit, perMinute = 60 } = guard;
  if (!limit) return 0;
  const buckets = [{ key: subject, perMinute }];
  if (entry.perMinute !== undefined) buckets.push({ key: `${subject} ${tool}`, perMinute: entry.perMinute });
  const states = await withDeadline(LIMITER_MS, () => Promise.all(buckets.map((bucket) => limit(bucket))));
  if (!states) console.warn(JSON.stringify({ event: "tool_limit_skipped", tool }));
  return Math.max(0, ...(states ?? []).filter((state) => !state.allowed).map((state) => state.retryAfterSeconds));
}

function pickArguments(all: unknown, names: readonly string[]): ToolCall["arguments"] {
  const given = new Map(Object.entries(typeof all === "object" && all !== null ? all : {}));
  const picked: Record<string, string | number | boolean> = {};
  for (const name of names) {
    const value: unknown = given.get(name);
    if (typeof value === "string")
      picked[name] = value
        .slice(0, MAX_ARGUMENT_LENGTH)
        .toWellFormed()
        .replaceAll(/\p{Cc}/gu, "\ufffd");
    else if (typeof value === "number" || typeof value === "boolean") picked[name] = value;
  }
  return picked;
}
