import { callGatehouse } from "./gatehouse-call.ts";
import type { ResourceServer } from "./resource-server.ts";

export type ToolOutcome = "ok" | "error" | "invalid_input" | "insufficient_scope" | "rate_limited";

/** The record of one tool call. It never holds arguments, except those that the access table names. */
export type ToolCall = {
  readonly tool: string;
  /** The person's id at Gatehouse, or a machine's client id. */
  readonly subject: string;
  readonly clientId: string;
  /** Identifies the token without revealing it. */
  readonly tokenId: string;
  readonly outcome: ToolOutcome;
  readonly durationMs: number;
  readonly address: string | null;
  readonly arguments: Readonly<Record<string, string | number | boolean>>;
};

/** Where calls are recorded: a function of your own, `consoleSink` or `gatehouseSink`. It may throw. */
export type ToolCallSink = (call: ToolCall) => void | Promise<void>;

/** One line of JSON for each call on standard output. */
export const consoleSink: ToolCallSink = (call) =>
  console.log(
    JSON.stringify({ event: "tool_called", subject: call.subject, client_id: call.clientId, ...toWire(call) }),
  );

/**
 * Gatehouse's audit log, in Postgres, which gets the caller from the token. Calls that Gatehouse doesn't accept (it is
 * down, or over its limit) go to the console.
 */
export const gatehouseSink =
  ({ settings }: ResourceServer): ToolCallSink =>
  async (call) => {
    const { id, secret } = settings.credential;
    const calls = [toWire(call)];
    const answer = await callGatehouse(settings, {
      path: "/tool-calls",
      body: JSON.stringify({ calls }),
      overBinding: (binding) => binding.recordToolCalls({ id, secret, calls }),
    });
    if (answer?.["recorded"] !== 1) await consoleSink(call);
  };

const toWire = ({ tool, tokenId, outcome, durationMs, address, arguments: named }: ToolCall) => ({
  tool,
  token_id: tokenId,
  outcome,
  duration_ms: durationMs,
  address,
  ...(Object.keys(named).length > 0 ? { arguments: named } : {}),
});
