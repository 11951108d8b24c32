import * as current from "@modelcontextprotocol/client";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { DemoClient } from "../../src/dev/demo-client.ts";

type Called = {
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly isError?: boolean;
};

/** A connection that one of the official SDKs makes for a host program. */
export type SdkConnection = {
  connect(): Promise<void>;
  callTool(name: string, args: Record<string, unknown>): Promise<Called>;
  /** Returns from the browser with the answer. */
  finish(answer: URL): Promise<void>;
  close(): Promise<void>;
};

/** A version line of the official SDK on which hosts are built. */
type SdkClient = {
  readonly open: (uri: string, provider: DemoClient) => SdkConnection;
  /** Whether an error says that the person has to be asked in the browser. */
  readonly isUnauthorized: (error: unknown) => boolean;
  /** Whether it asks for more scopes when a tool requires more than it has. */
  readonly stepsUp: boolean;
};

const NAME = { name: "test", version: "1.0.0" };

export const SDK_CLIENTS: Readonly<Record<"1.x" | "2.x", SdkClient>> = {
  "2.x": {
    open: (uri, provider) => {
      const transport = new current.StreamableHTTPClientTransport(new URL(uri), { authProvider: provider });
      const client = new current.Client(NAME);
      return {
        connect: () => client.connect(transport),
        callTool: async (name, args) => (await client.callTool({ name, arguments: args })) as Called,
        finish: ({ searchParams }) => transport.finishAuth(searchParams),
        close: () => client.close(),
      };
    },
    isUnauthorized: (error) => current.UnauthorizedError.isInstance(error),
    stepsUp: true,
  },
  "1.x": {
    open: (uri, provider) => {
      const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider as never });
      const client = new Client(NAME);
      return {
        connect: () => client.connect(transport as never),
        callTool: async (name, args) => (await client.callTool({ name, arguments: args })) as Called,
        finish: ({ searchParams }) => transport.finishAuth(searchParams.get("code") ?? ""),
        close: () => client.close(),
      };
    },
    isUnauthorized: (error) => error instanceof UnauthorizedError,
    stepsUp: false,
  },
};
