import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { createDemoClient, type DemoClient } from "../../src/dev/demo-client.ts";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { authorize } from "../../src/dev/person.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { createInternet } from "../support/internet.ts";
import { ownScene } from "../support/scene.ts";

const internet = createInternet();
const { gatehouse, person, browser } = await ownScene({ example: true, outbound: internet.outbound });
const { uri } = gatehouse.resource;

const open = (provider: DemoClient) => {
  const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider });
  return { transport, client: new Client({ name: "test", version: "1.0.0" }) };
};

/**
 * What the host program of an MCP client does the first time: it fails, opens the browser, and comes back with the
 * answer.
 */
async function signIn(provider: DemoClient, by: HeadlessBrowser = browser): Promise<void> {
  const { transport, client } = open(provider);
  await expect(client.connect(transport)).rejects.toSatisfy((error) => UnauthorizedError.isInstance(error));
  const answer = await authorize(by, provider.authorizationUrl ?? "", person);
  await transport.finishAuth(answer.searchParams);
}

async function callTool(provider: DemoClient): Promise<string> {
  const { transport, client } = open(provider);
  await client.connect(transport);
  const { content } = await client.callTool({ name: "get_weather", arguments: { city: "Oslo" } });
  await client.close();
  return content[0]?.type === "text" ? content[0].text : "";
}

describe("the official SDK client", () => {
  test.each([
    ["registers as a public client", { token_endpoint_auth_method: "none" }],
    ["registers without naming a method, and so gets a secret", { token_endpoint_auth_method: undefined }],
    ["registers for client_secret_basic", { token_endpoint_auth_method: "client_secret_basic" }],
    ["registers for client_secret_post", { token_endpoint_auth_method: "client_secret_post" }],
  ])("%s, signs in, calls a tool and refreshes", async (_, metadata) => {
    const provider = createDemoClient(metadata as Record<string, string>);
    await signIn(provider);
    expect(await callTool(provider)).toContain("°C");
    const before = provider.stored.tokens;
    if (!before) throw new Error("no tokens");
    provider.stored.tokens = { ...before, access_token: "gtha_broken" };
    expect(await callTool(provider)).toContain("°C");
    expect(provider.stored.tokens?.refresh_token).not.toBe(before.refresh_token);
  });

  test("signs in with a metadata document and registers nothing", async () => {
    const url = "https://app.example/oauth/client.json";
    const redirectUrl = "http://127.0.0.1:33418/callback";
    internet.serve(url, {
      client_id: url,
      client_name: "Documented app",
      redirect_uris: ["http://127.0.0.1/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
    });
    const provider = { ...createDemoClient({ redirect_uris: [redirectUrl] }), clientMetadataUrl: url };
    await signIn(provider);
    expect(provider.stored.client?.client_id).toBe(url);
    expect(await callTool(provider)).toContain("°C");
  });

  test("R6 registers again by itself if its registration is gone", async () => {
    const provider = createDemoClient();
    await signIn(provider);
    const { client_id } = provider.stored.client ?? {};
    await setClientStatus(gatehouse.owner, client_id ?? "", "delete");
    const { transport, client } = open(provider);
    await expect(client.connect(transport)).rejects.toSatisfy((error) => UnauthorizedError.isInstance(error));
    expect(provider.stored.client?.client_id).not.toBe(client_id);
    const answer = await authorize(browser, provider.authorizationUrl ?? "", person);
    await transport.finishAuth(answer.searchParams);
    expect(await callTool(provider)).toContain("°C");
  });

  test("Outages: keeps its tokens through an outage of the database", async () => {
    const provider = createDemoClient();
    await signIn(provider);
    const { tokens } = provider.stored;
    if (!tokens) throw new Error("no tokens");
    provider.stored.tokens = { ...tokens, access_token: "gtha_broken" };
    gatehouse.services.neon.inject("refuse");
    await expect(callTool(provider)).rejects.toThrow();
    gatehouse.services.neon.reset();
    expect(provider.stored.tokens?.refresh_token).toBe(tokens.refresh_token);
    expect(await callTool(provider)).toContain("°C");
  });

  test("T4 refreshes once for all of several processes that share its tokens, and none of them is signed out", async () => {
    const provider = createDemoClient();
    await signIn(provider);
    const { tokens } = provider.stored;
    if (!tokens) throw new Error("no tokens");
    const processes = Array.from({ length: 5 }, () => {
      const twin = createDemoClient();
      Object.assign(twin.stored, { ...provider.stored, tokens: { ...tokens, access_token: "gtha_broken" } });
      return twin;
    });
    const answers = await Promise.all(processes.map((twin) => callTool(twin)));
    expect(answers.every((answer) => answer.includes("°C"))).toBe(true);
    expect(new Set(processes.map((twin) => twin.stored.tokens?.refresh_token)).size).toBe(1);
  });
});
