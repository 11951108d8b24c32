import { afterEach, describe, expect, test, vi } from "vitest";
import type { ProtectedTools } from "../../src/resource-server/mcp.ts";
import { consoleSink } from "../../src/resource-server/tool-calls.ts";
import { auth, serve } from "../support/notes-tools.ts";

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
