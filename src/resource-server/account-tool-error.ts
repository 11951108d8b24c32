import { type ConnectRequired, isAccountUnavailable, isConnectRequired } from "./account-token.ts";
import { type ToolError, toolError } from "./tool-error.ts";

/** The text for a person, however it reaches them. */
export const connectMessage = ({ provider }: ConnectRequired): string =>
  `Connect your ${provider} account to go on. The link works once, for ten minutes.`;

/** The way that works with every client: a tool error, whose text contains the link and says what to do with it. */
export const connectToolError = (required: ConnectRequired): ToolError =>
  toolError(
    "CONNECT_REQUIRED",
    `${connectMessage(required)} Give the person this link, wait until they say that it is done, and call the tool again: ${required.url}`,
    { retryable: true, connectUrl: required.url },
  );

/** The answer of a tool that could get no account token. Other errors are rethrown. */
export function answerAccountError(error: unknown): ToolError {
  if (isConnectRequired(error)) return connectToolError(error);
  if (!isAccountUnavailable(error)) throw error;
  const message = error.retryable ? "The account can't be used right now." : "This server may not use that account.";
  return toolError("ACCOUNT_UNAVAILABLE", message, { retryable: error.retryable });
}
