import { createServer } from "node:http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { createMcpHandler, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import express from "express";
import { afterAll, describe, expect, test } from "vitest";
import { access } from "../../examples/issues/access.ts";
import { registerTools } from "../../examples/issues/tools.ts";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { allowProvider } from "../../src/flows/admin/providers.ts";
import { authOf, resourceServer } from "../../src/resource-server/express.ts";
import { protectTools } from "../../src/resource-server/mcp.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { connectThere, grantLinked } from "../support/linked.ts";
import { authorizationRequest, redeem, registerClient, type Tokens } from "../support/oauth-client.ts";
import { bearer, protectedOptions } from "../support/protected-server.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const github = await addGitHub(gatehouse, { scopes: [] });
const port = await findFreePort();
const uri = `http://localhost:${port}/mcp`;
const options = await protectedOptions(gatehouse, uri, access);
await allowProvider(gatehouse.owner, "github", uri, true);
const issues = { ...options.credential, uri };

const server = resourceServer(options);
const createIssues = protectTools(server, {
  server: { name: "issues", version: "1.0.0" },
  register: registerTools(`${github.url}/api/v3`),
});
const stateless = toNodeHandler(createMcpHandler(createIssues));

/** A server that keeps a session for each client, like those of 2025-11-25 that remember what a client declared. */
const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
async function answerInSession(request: Request, authInfo: ReturnType<typeof authOf>): Promise<Response> {
  const known = sessions.get(request.headers.get("mcp-session-id") ?? "");
  if (known) return known.handleRequest(request, { authInfo });
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await createIssues({ era: "legacy" }).connect(transport);
  return transport.handleRequest(request, { authInfo });
}

const app = express();
app.use(server.metadata(), server.secure());
app.all("/mcp", server.bearerAuth(), stateless);
app.all("/sessions", server.bearerAuth(), (request, response, next) => {
  const handler = toNodeHandler({ fetch: (web: Request) => answerInSession(web, authOf(request)) } as never);
  void Promise.resolve(handler(request, response)).catch(next);
});
const listening = createServer(app);
await new Promise<void>((resolve) => listening.listen(port, "127.0.0.1", resolve));
afterAll(() => stopServer(listening));

/** A person who skipped linking at consent. Returns their app's tokens. */
async function skipAtConsent(): Promise<{ readonly browser: HeadlessBrowser; readonly tokens: Tokens }> {
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const client = await registerClient(gatehouse);
  const { url, verifier } = await authorizationRequest(gatehouse, client, { resource: uri });
  const ask = await browser.submit(await browser.open(url), "/consent", { decision: "allow" });
  const skipped = await browser.submit(ask, `${ask.url.pathname}/skip`, {});
  const code = skipped.left?.searchParams.get("code") ?? "";
  const answer = await redeem(gatehouse, client, { code, verifier, redirectUri: client.redirect_uris[0] ?? "" });
  return { browser, tokens: (await answer.json()) as Tokens };
}

const URL_MODE = { elicitation: { form: {}, url: {} } };

async function connect(token: string, mode: "auto" | "legacy", capabilities: object): Promise<Client> {
  const client = new Client({ name: "test", version: "1.0.0" }, { capabilities, versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL(uri), { requestInit: { headers: bearer(token) } });
  await client.connect(transport);
  afterAll(() => client.close());
  return client;
}

async function connectOld(token: string, path: string, capabilities: object): Promise<OldClient> {
  const client = new OldClient({ name: "test", version: "1.0.0" }, { capabilities });
  const url = new URL(path, uri);
  await client.connect(new OldTransport(url, { requestInit: { headers: bearer(token) } }) as never);
  afterAll(() => client.close());
  return client;
}

const textOf = (result: unknown): string => (result as { content: { text: string }[] }).content[0]?.text ?? "";
const CALL = { name: "list_issues", arguments: {} };

describe("L7 three ways to the page that links an account", () => {
  test.each<[string, (token: string) => Promise<{ callTool(call: typeof CALL): Promise<unknown> }>]>([
    ["SDK 2.x (2026-07-28)", (token) => connect(token, "auto", {})],
    ["SDK 2.x (2025-11-25)", (token) => connect(token, "legacy", {})],
    ["SDK 1.x (2025-11-25)", (token) => connectOld(token, "/mcp", {})],
  ])("L7 %s calls a tool without any question after the account was linked at consent", async (_, connectWith) => {
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const { tokens } = await grantLinked(gatehouse, browser, issues, { login: "door-1", scope: "issues:read" });
    expect(textOf(await (await connectWith(tokens.access_token)).callTool(CALL))).toBe("#1 Paint the gate");
  });

  test("L7 SDK 2.x (2026-07-28) with URL mode is asked for input, opens the page and repeats the call by itself", async () => {
    const { browser, tokens } = await skipAtConsent();
    const client = await connect(tokens.access_token, "auto", URL_MODE);
    const opened: string[] = [];
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      const { url } = params as { url: string };
      opened.push(url);
      await browser.open(await connectThere(browser, await browser.open(url), "door-2"));
      return { action: "accept" };
    });
    expect(textOf(await client.callTool(CALL))).toBe("#1 Paint the gate");
    expect(opened).toHaveLength(1);
  });

  test("L7 a person who hasn't finished linking yet is not sent there a second time", async () => {
    const { tokens } = await skipAtConsent();
    const client = await connect(tokens.access_token, "auto", URL_MODE);
    let asked = 0;
    client.setRequestHandler("elicitation/create", async () => {
      asked++;
      return { action: "accept" };
    });
    expect(textOf(await client.callTool(CALL))).toContain("CONNECT_REQUIRED");
    expect(asked).toBe(1);
  });

  test("L7 SDK 1.x (2025-11-25) with URL mode gets error -32042 from a server that keeps sessions", async () => {
    const { browser, tokens } = await skipAtConsent();
    const client = await connectOld(tokens.access_token, "/sessions", URL_MODE);
    const error = (await client.callTool(CALL).catch((reason: unknown) => reason)) as {
      code: number;
      data: { elicitations: { mode: string; url: string; elicitationId: string }[] };
    };
    expect(error.code).toBe(-32042);
    const [elicitation] = error.data.elicitations;
    expect(elicitation).toMatchObject({ mode: "url", elicitationId: expect.stringMatching(/^gthk_/) });
    await browser.open(await connectThere(browser, await browser.open(elicitation?.url ?? ""), "door-2"));
    expect(textOf(await client.callTool(CALL))).toBe("#1 Paint the gate");
  });

  test.each<[string, (token: string) => Promise<{ callTool(call: typeof CALL): Promise<unknown> }>]>([
    ["SDK 2.x (2026-07-28)", (token) => connect(token, "auto", {})],
    ["SDK 2.x (2025-11-25)", (token) => connect(token, "legacy", {})],
    ["SDK 1.x (2025-11-25)", (token) => connectOld(token, "/mcp", {})],
    ["SDK 1.x (2025-11-25) with a session", (token) => connectOld(token, "/sessions", {})],
  ])("L7 %s without URL mode gets the link in the tool's error", async (_, connectWith) => {
    const { browser, tokens } = await skipAtConsent();
    const client = await connectWith(tokens.access_token);
    const { code, message, connect_url } = JSON.parse(textOf(await client.callTool(CALL)));
    expect([code, message]).toEqual(["CONNECT_REQUIRED", expect.stringContaining(connect_url)]);
    await browser.open(await connectThere(browser, await browser.open(connect_url), "door-3"));
    expect(textOf(await client.callTool(CALL))).toBe("#1 Paint the gate");
  });
});
