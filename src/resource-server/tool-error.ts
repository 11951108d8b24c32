/** A tool's result that says what went wrong, so that a model can act on it (MCP tools, error handling). */
export type ToolError = { isError: true; content: { type: "text"; text: string }[] };

/**
 * An MCP tool error whose text is JSON: `{"code":"RATE_LIMITED","message":"…","retryable":true,"retry_after_seconds":12}`.
 * `retryable` says whether the same call may do better later.
 */
export function toolError(
  code: string,
  message: string,
  {
    retryable = false,
    retryAfterSeconds,
    connectUrl,
  }: {
    readonly retryable?: boolean;
    readonly retryAfterSeconds?: number;
    /** A page where the person can fix it. */
    readonly connectUrl?: string;
  } = {},
): ToolError {
  const error = { code, message, retryable, retry_after_seconds: retryAfterSeconds, connect_url: connectUrl };
  return { isError: true, content: [{ type: "text", text: JSON.stringify(error) }] };
}
