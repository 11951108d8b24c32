import { createMcpHandler } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { defineAccess } from "../../src/resource-server/access.ts";
import type { Auth } from "../../src/resource-server/auth.ts";
import { authOf, type ProtectedTools, protectTools } from "../../src/resource-server/mcp.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import type { ToolCall } from "../../src/resource-server/tool-calls.ts";
import { consoleSink } from "../../src/resource-server/tool-calls.ts";
import { toolError } from "../../src/resource-server/tool-error.ts";

const access = defineAccess({
  scopes: {
    "notes:read": "Read the notes",
    "notes:write": { description: "Write notes", implies: ["notes:read"], default: false },
    "notes:share": { description: "Share notes", default: false },
  },
  tools: {
    read_note: { scopes: ["notes:read"] },
    share_note: { scopes: ["notes:write", "notes:share"], perMinute: 2, auditArguments: ["name", "to"] },
  },
});

const gatehouse = resourceServer({
  resource: "https://notes.example/mcp",
  issuer: "https://auth.example",
  credential: { id: "id", secret: "secret" },
  access,
});

const auth = (...scopes: string[]): Auth => ({
  ...{
    subject: "user-1",
    username: "ada@example.com",
    clientId: "client-1",
    scopes,
    expiresAt: Date.now() / 1000 + 60,
  },
  ...{ tokenId: "0".repeat(32), token: "0".repeat(32), address: "203.0.113.7" },
  accountToken: () => Promise.reject(new Error("no account is linked")),
  resource: new URL("https://notes.example/mcp"),
  resourceMetadataUrl: "https://notes.example/.well-known/oauth-protected-resource/mcp",
});
const name = z.string().max(20);

const register: ProtectedTools["register"] = (server) => {
  server.registerTool("read_note", { inputSchema: z.object({ name }) }, ({ name }, context) => {
    if (name === "broken") throw new Error("The disk is full.");
    if (name === "missing") return toolError("NOT_FOUND", "There is no such note.");
    return { content: [{ type: "text", text: `${name} of ${authOf(context).subject}` }] };
  });
  server.registerTool(
    "share_note",
    { inputSchema: z.object({ name, to: z.string(), text: z.string().optional() }) },
    () => ({
      content: [{ type: "text", text: "shared" }],
    }),
  );
};

/** A server with these tools. Returns what its audit received, and a function that calls. */
function serve(options: Partial<ProtectedTools> = {}) {
  const calls: ToolCall[] = [];
  const audit = (call: ToolCall) => void calls.push(call);
  const server = { name: "notes", version: "1.0.0" };
  const mcp = createMcpHandler(protectTools(gatehouse, { server, audit, register, ...options }));
  /** A body exactly as written, from somebody with `notes:read`. */
  const send = async (body: string) => {
    const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    const request = new Request("https://notes.example/mcp", { method: "POST", headers, body });
    return (await mcp.fetch(request, { authInfo: auth("notes:read") })).text();
  };
  const call = async (tool: string, args: unknown, authInfo: Auth | null = auth("notes:read")) => {
    const request = new Request("https://notes.example/mcp", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: tool, arguments: args } }),
    });
    const response = await mcp.fetch(request, authInfo ? { authInfo } : {});
    const text = await response.text();
    return { status: response.status, challenge: response.headers.get("WWW-Authenticate"), ...readAnswer(text) };
  };
  return { calls, call, send };
}

type Answer = {
  readonly result?: { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] };
  readonly error?: unknown;
};

/** The message of a JSON answer, or the first of a stream. */
function readAnswer(text: string) {
  const { result, error } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Answer;
  return { text: result?.content[0]?.text, isError: result?.isError ?? false, error };
}
afterEach(() => vi.restoreAllMocks());

describe("limits of tools", () => {
  const all = auth("notes:read", "notes:write", "notes:share");

  test("P1 a call over the limit is a tool error that says when to try again", async () => {
    const limit = async () => ({ allowed: false, retryAfterSeconds: 12 });
    const { call, calls } = serve({ limit });
    const { status, text, isError } = await call("read_note", { name: "a" });
    expect([status, isError]).toEqual([200, true]);
    expect(text).toBe(
      '{"code":"RATE_LIMITED","message":"Too many calls. Try again in 12 seconds.","retryable":true,"retry_after_seconds":12}',
    );
    expect(calls).toMatchObject([{ outcome: "rate_limited" }]);
  });

  test("P1 a user may call 60 times a minute by default, and a tool can have a limit of its own as well", async () => {
    const limit = vi.fn(async () => ({ allowed: true, retryAfterSeconds: 0 }));
    await serve({ limit }).call("read_note", { name: "a" });
    await serve({ limit, perMinute: 10 }).call("share_note", { name: "a", to: "b" }, all);
    expect(limit.mock.calls).toEqual([
      [{ key: "user-1", perMinute: 60 }],
      [{ key: "user-1", perMinute: 10 }],
      [{ key: "user-1 share_note", perMinute: 2 }],
    ]);
  });

  test("P1 the error names the longer of two waits", async () => {
    const limit: ProtectedTools["limit"] = async ({ perMinute }) => ({ allowed: false, retryAfterSeconds: perMinute });
    const { text } = await serve({ limit }).call("share_note", { name: "a", to: "b" }, all);
    expect(JSON.parse(text ?? "").retry_after_seconds).toBe(60);
  });

  test.each<[string, NonNullable<ProtectedTools["limit"]>]>([
    ["fails", async () => Promise.reject(new Error("redis"))],
    ["hangs", () => new Promise(() => {})],
  ])("P1 a tool goes on working with a counter that %s", async (_, limit) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect((await serve({ limit }).call("read_note", { name: "a" })).text).toBe("a of user-1");
    expect(warned.mock.calls).toEqual([['{"event":"tool_limit_skipped","tool":"read_note"}']]);
  });
});

describe("the record of tool calls", () => {
  test.each<[string, unknown, string]>([
    ["a good one", { name: "a" }, "ok"],
    ["one with an error that the tool returns", { name: "missing" }, "error"],
    ["one with an error that the tool throws", { name: "broken" }, "error"],
    ["one whose input the SDK refuses", { name: 1 }, "invalid_input"],
  ])("P8 each call is recorded with its outcome: %s", async (_, args, outcome) => {
    const { call, calls } = serve();
    await call("read_note", args);
    expect(calls).toEqual([
      {
        ...{ tool: "read_note", subject: "user-1", clientId: "client-1", tokenId: "0".repeat(32), outcome },
        ...{ durationMs: expect.any(Number), address: "203.0.113.7", arguments: {} },
      },
    ]);
  });

  test("P8 only those arguments are recorded that the table names, and their size is bounded", async () => {
    const { call, calls } = serve();
    const args = { name: "a", to: `\0\ud800${"x".repeat(300)}`, text: "my secret" };
    await call("share_note", args, auth("notes:read", "notes:write", "notes:share"));
    expect(calls[0]?.arguments).toEqual({ name: "a", to: `\ufffd\ufffd${"x".repeat(254)}` });
    expect(JSON.stringify(calls)).not.toContain("secret");
  });

  test("P8 a failing sink doesn't make the call fail", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const audit = async () => Promise.reject(new Error("full"));
    expect((await serve({ audit }).call("read_note", { name: "a" })).text).toBe("a of user-1");
    expect(logged.mock.calls).toEqual([['{"event":"tool_call_lost","tool":"read_note"}']]);
  });

  test("P8 the console gets one line of JSON", async () => {
    const logged = vi.spyOn(console, "log").mockImplementation(() => {});
    await serve({ audit: consoleSink }).call("read_note", { name: "a" });
    expect(JSON.parse(String(logged.mock.calls[0]?.[0]))).toEqual({
      ...{ event: "tool_called", subject: "user-1", client_id: "client-1", tool: "read_note" },
      ...{ token_id: "0".repeat(32), outcome: "ok", duration_ms: expect.any(Number), address: "203.0.113.7" },
    });
  });

  test("P8 a call of a name that isn't registered is left to the SDK", async () => {
    const { call, calls } = serve();
    expect((await call("nonsense", {})).error).toMatchObject({ code: -32602 });
    expect(calls).toEqual([]);
  });
});
