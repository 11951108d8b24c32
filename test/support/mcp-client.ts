import { expect } from "vitest";
import { createDemoClient, type DemoClient } from "../../src/dev/demo-client.ts";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { authorize, type Person } from "../../src/dev/person.ts";
import { SDK_CLIENTS, type SdkConnection } from "./sdk-clients.ts";

/** A host program with the official SDK's client, and a person who uses it. */
export type McpHost = {
  readonly provider: DemoClient;
  /** Does something with a connection. If that needs a person's consent, asks for it once and tries again. */
  run<T>(work: (connection: SdkConnection) => Promise<T>): Promise<T>;
  callTool(name: string, args: Record<string, unknown>): Promise<ToolAnswer>;
  /** How often the person was asked. */
  readonly asked: () => number;
};

type ToolAnswer = { readonly text: string; readonly isError: boolean };

export function createMcpHost(
  uri: string,
  browser: HeadlessBrowser,
  person: Person,
  sdk = SDK_CLIENTS["2.x"],
  stored: DemoClient["stored"] = {},
): McpHost {
  const provider = createDemoClient();
  Object.assign(provider.stored, stored);
  let asked = 0;

  const attempt = async <T>(work: (connection: SdkConnection) => Promise<T>, mayAsk: boolean): Promise<T> => {
    const connection = sdk.open(uri, provider);
    try {
      await connection.connect();
      return await work(connection);
    } catch (error) {
      if (!mayAsk || !sdk.isUnauthorized(error)) throw error;
      asked++;
      await connection.finish(await authorize(browser, provider.authorizationUrl ?? "", person));
    } finally {
      await connection.close();
    }
    return attempt(work, false);
  };

  const run: McpHost["run"] = (work) => attempt(work, true);
  return {
    provider,
    run,
    asked: () => asked,
    callTool: (name, args) =>
      run(async (connection) => {
        const { content, isError } = await connection.callTool(name, args);
        const [first] = content;
        expect(first?.type).toBe("text");
        return { text: first?.text ?? "", isError: isError ?? false };
      }),
  };
}
