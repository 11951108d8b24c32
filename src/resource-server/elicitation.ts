import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  type McpServer,
  type ServerContext,
  UrlElicitationRequiredError,
} from "@modelcontextprotocol/server";
import type { ConnectRequired } from "./account-token.ts";
import { connectMessage, connectToolError } from "./account-tool-error.ts";

/** The name of the person's answer in a retried call. */
const RESPONSE_KEY = "connect";

/**
 * Asks the client to send its person to the page where an account is connected, in the way that the client supports:
 * URL mode of elicitation, as the input that the call needs (2026-07-28) or as the error -32042 (2025-11-25), or else
 * the link in a tool error. Most clients declare no URL mode.
 */
export function offerConnectLink(server: McpServer, context: ServerContext, required: ConnectRequired): object {
  const { envelope, inputResponses } = context.mcpReq;
  const elicitation = { message: connectMessage(required), url: required.url };
  const declared = (envelope as Readonly<Record<string, unknown>> | undefined)?.[CLIENT_CAPABILITIES_META_KEY];
  if (takesUrls(declared as ClientCapabilities | undefined)) {
    // The person has answered but isn't done. Asking again at once would only open the page a second time.
    if (inputResponses?.[RESPONSE_KEY] !== undefined) return connectToolError(required);
    return inputRequired({ inputRequests: { [RESPONSE_KEY]: inputRequired.elicitUrl(elicitation) } });
  }
  if (envelope === undefined && takesUrls(server.server.getClientCapabilities())) {
    const elicitationId = new URL(required.url).pathname.split("/").at(-1) ?? "";
    throw new UrlElicitationRequiredError([{ mode: "url", elicitationId, ...elicitation }]);
  }
  return connectToolError(required);
}

const takesUrls = (capabilities: ClientCapabilities | undefined): boolean =>
  capabilities?.elicitation?.url !== undefined;
