import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as oauth from "oauth4webapi";
import { openBrowser } from "./browser.ts";
import { type OutputOptions, print } from "./output.ts";
import { findRunning } from "./running-dev.ts";

type OpenLoginOptions = OutputOptions & {
  readonly issuer?: string;
  readonly resource?: string;
  readonly scope?: string;
  readonly browser?: boolean;
};

/** `open-login`: goes through the whole authorization like a native client, and prints the tokens. */
export async function openLoginCommand(options: OpenLoginOptions): Promise<void> {
  const issuerText = options.issuer ?? (await findRunning())?.issuer;
  if (!issuerText) throw new Error("Start `npm run dev` first, or name a deployment with --issuer.");
  const issuer = new URL(issuerText);
  const insecure = { [oauth.allowInsecureRequests]: issuer.protocol === "http:" };
  const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  const server = await oauth.processDiscoveryResponse(issuer, discovered);

  if (options.resource) await checkResource(options.resource, issuer);
  const callback = await listenForCallback();
  const metadata = {
    client_name: "gatehouse open-login",
    redirect_uris: [callback.redirectUri],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
  };
  const registered = await oauth.dynamicClientRegistrationRequest(server, metadata, insecure);
  const client = await oauth.processDynamicClientRegistrationResponse(registered);

  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint ?? "");
  const params = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: callback.redirectUri,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...(options.resource ? { resource: options.resource } : {}),
    ...(options.scope ? { scope: options.scope } : {}),
  };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  console.error(`Sign in here:\n\n  ${url}\n`);
  if (options.browser) openBrowser(url.href);

  const answer = oauth.validateAuthResponse(server, client, await callback.answer, state);
  const redeemed = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    answer,
    callback.redirectUri,
    verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, redeemed);
  const lines = Object.entries(tokens).map(([name, value]) => `${name.padEnd(14)} ${value}`);
  print(options, { client_id: client.client_id, ...tokens }, lines.join("\n"));
}

/** A sign-in for a server that this Gatehouse doesn't protect would only fail after the person has signed in. */
async function checkResource(resource: string, issuer: URL): Promise<void> {
  if (!URL.canParse(resource)) throw new Error(`${resource} is not the URL of an MCP server.`);
  const { origin, pathname } = new URL(resource);
  const path = pathname === "/" ? "" : pathname;
  const response = await fetch(`${origin}/.well-known/oauth-protected-resource${path}`, {
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  const metadata = (await response?.json().catch(() => null)) as { authorization_servers?: unknown } | null | undefined;
  const servers = Array.isArray(metadata?.authorization_servers) ? metadata.authorization_servers.map(String) : null;
  if (!servers) throw new Error(`${resource} has no resource metadata (RFC 9728): is it running and protected?`);
  if (!servers.some((server) => server.replace(/\/$/, "") === issuer.href.replace(/\/$/, "")))
    throw new Error(`${resource} is protected by ${servers.join(" and ") || "nobody"}, not by ${issuer.origin}.`);
}

/** A loopback listener (RFC 8252 §7.3) that takes one answer. */
async function listenForCallback() {
  let receive: (url: URL) => void;
  const answer = new Promise<URL>((resolve) => {
    receive = resolve;
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname !== "/callback") return response.writeHead(404).end();
    response.setHeader("Content-Type", "text/plain; charset=utf-8").end("Done. You can close this page.");
    server.close();
    return receive(url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Longer than any sign-in that is still under way.
  setTimeout(() => {
    console.error("Nobody signed in within ten minutes.");
    process.exit(1);
  }, 600_000).unref();
  return { answer, redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback` };
}
