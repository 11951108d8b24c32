import { textOf } from "./answer.ts";
import { readBearerChallenge } from "./bearer-challenge.ts";
import { INSPECTOR_ORIGIN } from "./client-profiles.ts";
import { discover, PROTOCOL_VERSION } from "./discover.ts";
import type { ResourceEvidence } from "./evidence.ts";
import type { Prober } from "./prober.ts";
import { resourceMetadataUrls, serverMetadataUrls } from "./well-known.ts";

/** The first request of every MCP client. */
export const initialize = (headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...headers },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: "gatehouse-doctor", version: "1.0.0" },
    },
  }),
});

/**
 * What the MCP server answers without a good token, and its metadata. Null if the target is an authorization server.
 */
export async function askResource(target: URL, prober: Prober): Promise<ResourceEvidence | null> {
  const withoutToken = await prober.send(target, initialize());
  const challenge = readBearerChallenge(withoutToken.headers.get("WWW-Authenticate"));
  if (withoutToken.status !== 401 && !challenge && (await isAuthorizationServer(target, prober))) return null;
  const withWrongToken = await prober.send(
    target,
    initialize({ Authorization: "Bearer gatehouse-doctor-made-this-up" }),
  );
  const preflight = await prober.send(target, {
    method: "OPTIONS",
    headers: {
      Origin: INSPECTOR_ORIGIN,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
    },
  });
  const fromBrowser = await prober.send(target, initialize({ Origin: INSPECTOR_ORIGIN }));
  const named = challenge?.["resource_metadata"];
  const urls = named && URL.canParse(named) ? [new URL(named)] : resourceMetadataUrls(target);
  const metadata = await discover(urls, prober);
  return { withoutToken, withWrongToken, preflight, fromBrowser, metadata };
}

/** Whether its metadata names this very URL as the issuer, which the metadata of an MCP server can't. */
async function isAuthorizationServer(target: URL, prober: Prober): Promise<boolean> {
  for (const url of serverMetadataUrls(target)) {
    const { json } = await prober.discover(url);
    if (json && textOf(json, "authorization_endpoint")) return true;
  }
  return false;
}
