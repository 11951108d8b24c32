import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { expect } from "vitest";
import { createDemoClient, type DemoClient } from "../../src/dev/demo-client.ts";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { authorize, type Person } from "../../src/dev/person.ts";

/** A host program with the official SDK's client in it, and a person at its side. */
export type McpHost = {
  readonly provider: DemoClient;
  /** Does something with a connected client; where that takes a person's yes, asks for it once and does it again. */
  run<T>(work: (client: Client) => Promise<T>): Promise<T>;
  callTool(name: string, args: Record<string, unknown>): Promise<ToolAnswer>;
  /** How often the person was asked. */
  readonly asked: () => number;
};

export type ToolAnswer = { readonly text: string; readonly isError: boolean };

export function createMcpHost(uri: string, browser: HeadlessBrowser, person: Person): McpHost {
  const provider = createDemoClient();
  let asked = 0;

  const attempt = async <T>(work: (client: Client) => Promise<T>, mayAsk: boolean): Promise<T> => {
    const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider });
    const client = new Client({ name: "test", version: "1.0.0" });
    try {
      await client.connect(transport);
      return await work(client);
    } catch (error) {
      if (!mayAsk || !UnauthorizedError.isInstance(error)) throw error;
      asked++;
      const answer = await authorize(browser, provider.authorizationUrl ?? "", person);
      await transport.finishAuth(answer.searchParams);
    } finally {
      await client.close();
    }
    return attempt(work, false);
  };

  const run: McpHost["run"] = (work) => attempt(work, true);
  return {
    provider,
    run,
    asked: () => asked,
    callTool: (name, args) =>
      run(async (client) => {
        const { content, isError } = await client.callTool({ name, arguments: args });
        const [first] = content;
        expect(first?.type).toBe("text");
        return { text: first?.type === "text" ? first.text : "", isError: isError ?? false };
      }),
  };
}
