import { afterEach, describe, expect, test, vi } from "vitest";
import { defineAccess } from "../../src/resource-server/access-table.ts";
import type { ProtectedTools } from "../../src/resource-server/mcp.ts";
import { guardToolCall } from "../../src/resource-server/tool-guard.ts";
import { auth, notes, serve } from "../support/notes-tools.ts";

afterEach(() => vi.restoreAllMocks());

describe("the access table", () => {
  test("K1 a server with a tool that has no entry doesn't start", () => {
    const extra: ProtectedTools["register"] = (server) => {
      server.registerTool("delete_note", {}, () => ({ content: [] }));
    };
    expect(() => serve({ register: extra })).toThrow("the tool delete_note has no entry in the access table");
  });

  test("K1 a tool that is renamed to a name without an entry doesn't run", async () => {
    const { call } = serve({
      register: (server) => {
        const tool = server.registerTool("read_note", {}, () => ({ content: [{ type: "text", text: "ran" }] }));
        tool.update({ name: "unguarded" });
      },
    });
    expect((await call("unguarded", {})).text).toBe("This tool has no entry in the access table.");
  });

  test("K1 a server that can't be guarded doesn't start", () => {
    expect(() => serve({ serverOptions: { capabilities: { tools: {} } } })).toThrow("leave the capability `tools` out");
  });

  test.each<[string, () => unknown]>([
    [
      "needs admin, which is not there",
      () => defineAccess({ scopes: { a: "A" }, tools: { t: { scopes: ["admin" as "a"] } } }),
    ],
    ["implies b", () => defineAccess({ scopes: { a: { description: "A", implies: ["b" as "a"] } } })],
    ["given by default", () => defineAccess({ scopes: { a: { description: "A", default: false } } })],
    ["can't be the name", () => defineAccess({ scopes: { "a b": "A" } })],
    ["no sentence", () => defineAccess({ scopes: { a: " " } })],
    ["needs no scope", () => defineAccess({ scopes: { a: "A" }, tools: { t: { scopes: [] as unknown as ["a"] } } })],
    ["limit", () => defineAccess({ scopes: { a: "A" }, tools: { t: { scopes: ["a"], perMinute: 0 } } })],
  ])("K1 a server with a contradictory table doesn't start, and the error says: %s", (problem, define) => {
    expect(define).toThrow(problem);
  });
});

describe("the scopes of a tool", () => {
  test("K1 a call with too little scope is 403 with all scopes of the operation, before the tool or its limit is reached", async () => {
    const limit = vi.fn();
    const { call, calls } = serve({ limit });
    const refused = await call("share_note", { name: "a", to: "b" });
    expect(refused.status).toBe(403);
    expect(refused.challenge).toBe(
      'Bearer error="insufficient_scope", error_description="This needs a permission that was not granted. ' +
        // It calls like clients that don't step up.
        'If the app does not ask you for it, add it to its connection at https://auth.example/account", ' +
        'scope="notes:write notes:share", resource_metadata="https://notes.example/.well-known/oauth-protected-resource/mcp"',
    );
    expect(limit).not.toHaveBeenCalled();
    expect(calls).toMatchObject([{ tool: "share_note", outcome: "insufficient_scope", subject: "user-1" }]);
  });

  test("K1 a tool runs with all of its scopes", async () => {
    const { call } = serve();
    const answer = await call("share_note", { name: "a", to: "b" }, auth("notes:read", "notes:write", "notes:share"));
    expect(answer).toMatchObject({ status: 200, text: "shared", isError: false });
  });

  test("K1 a call without authentication runs nothing", async () => {
    const { call, calls } = serve();
    const { text, isError } = await call("read_note", { name: "a" }, null);
    expect([isError, JSON.parse(text ?? "").code]).toEqual([true, "UNAUTHENTICATED"]);
    expect(calls).toEqual([]);
  });

  const read = `"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_note","arguments":{"name":"a","to":"b"}}`;
  const share = read.replace("read_note", "share_note");
  test.each([
    ["a batch that begins with a granted call", `[{${read}},{${share.replace('"id":1', '"id":2')}}]`],
    ["a batch of one", `[{${share}}]`],
    ["a duplicate name", `{${read.replace('"name":"read_note"', '"name":"read_note","name":"share_note"')}}`],
    [
      "a duplicate name in the other order",
      `{${read.replace('"name":"read_note"', '"name":"share_note","name":"read_note"')}}`,
    ],
    [
      "duplicate params",
      `{${share},${read.slice(read.indexOf('"params"'))},${share.slice(share.indexOf('"params"'))}}`,
    ],
    ["a name that every object has", `{${share.replace("share_note", "__proto__")}}`],
    ["a name with a space", `{${share.replace("share_note", "share_note ")}}`],
  ])("K1 a tool that wasn't granted doesn't run by %s", async (_, body) => {
    expect(await serve().send(body)).not.toContain("shared");
  });

  test("K1 the guard refuses a call that the SDK doesn't challenge", async () => {
    const run = vi.fn(async () => ({ content: [{ text: "ran" }] }));
    const call = { auth: auth("notes:read"), tool: "share_note", arguments: {} };
    const refused = await guardToolCall(notes, {}, call, run);
    expect(JSON.parse(refused.content[0]?.text ?? "")).toEqual({
      code: "INSUFFICIENT_SCOPE",
      message: "This needs a permission: notes:write notes:share.",
      retryable: false,
    });
    const unknown = await guardToolCall(notes, {}, { ...call, tool: "nonsense" }, run);
    expect(JSON.parse(unknown.content[0]?.text ?? "").code).toBe("UNKNOWN_TOOL");
    expect(run).not.toHaveBeenCalled();
  });
});
